<#
.SYNOPSIS
    Runs GALA's smallest job through the API and downloads what it made.
.DESCRIPTION
    Health, POST /jobs, wait for DONE, download hello.mp4 and hello.jpg, check their sizes.
    Prints "Smoke test OK" and exits 0; otherwise says why on standard error and exits 1.
    For Windows PowerShell 5.1 and PowerShell 7.
.PARAMETER BaseUrl
    Where the API answers. Without it: the environment variable GALA_URL, else port API_PORT of
    this machine, else port 8080.
.PARAMETER OutDir
    The folder for hello.mp4 and hello.jpg; created if it does not exist.
.PARAMETER TimeoutSeconds
    How long the job may take, in seconds.
.NOTES
    If the API requires a key, it is read from the environment variable GALA_API_KEY.
.EXAMPLE
    .\smoke-test.ps1
.EXAMPLE
    .\smoke-test.ps1 -BaseUrl http://localhost:18080 -OutDir out -TimeoutSeconds 120
#>
param(
    [string]$BaseUrl = "http://localhost:8080",
    [string]$OutDir = ".",
    [int]$TimeoutSeconds = 60
)

if (-not $PSBoundParameters.ContainsKey("BaseUrl")) {
    if ($env:GALA_URL) { $BaseUrl = $env:GALA_URL }
    elseif ($env:API_PORT) { $BaseUrl = "http://localhost:" + $env:API_PORT }
}

Set-StrictMode -Version 2.0
$ErrorActionPreference = "Stop"
# The progress bar of 5.1 makes downloads many times slower.
$ProgressPreference = "SilentlyContinue"

$Headers = @{}
if ($env:GALA_API_KEY) { $Headers["Authorization"] = "Bearer " + $env:GALA_API_KEY }

function Stop-Smoke([string]$Reason) {
    [Console]::Error.WriteLine("Smoke test FAILED: " + $Reason)
    exit 1
}

# 5.1 and 7 keep the body of a refused request in different places.
function Get-Reason($Failure) {
    $reason = $Failure.Exception.Message
    if ($null -ne $Failure.ErrorDetails -and $Failure.ErrorDetails.Message) {
        $reason = $reason + " " + $Failure.ErrorDetails.Message
    }
    return $reason
}

function Get-Value($Object, [string]$Name) {
    if ($null -eq $Object) { return $null }
    $property = $Object.PSObject.Properties[$Name]
    if ($null -eq $property) { return $null }
    return $property.Value
}

function Invoke-Gala([string]$Method, [string]$Path, $Body) {
    $request = @{
        Method          = $Method
        Uri             = $script:BaseUrl + $Path
        Headers         = $script:Headers
        UseBasicParsing = $true
        TimeoutSec      = 30
    }
    if ($null -ne $Body) {
        $json = ConvertTo-Json -InputObject $Body -Depth 10 -Compress
        # As bytes: 5.1 would send a string as Latin-1.
        $request["Body"] = [System.Text.Encoding]::UTF8.GetBytes($json)
        $request["ContentType"] = "application/json; charset=utf-8"
    }
    try {
        return Invoke-RestMethod @request
    }
    catch {
        Stop-Smoke ($Method + " " + $Path + ": " + (Get-Reason $_))
    }
}

function Get-Envelope($Answer, [string]$Name) {
    $content = Get-Value $Answer $Name
    if ($null -eq $content) { Stop-Smoke ("the answer has no '" + $Name + "': is this GALA?") }
    return $content
}

function Wait-JobDone([string]$Id) {
    $deadline = (Get-Date).AddSeconds($TimeoutSeconds)
    while ($true) {
        $job = Get-Envelope (Invoke-Gala "GET" ("/jobs/" + $Id) $null) "job"
        if ($job.status -eq "DONE") { return $job }
        if ($job.status -eq "FAILED" -or $job.status -eq "CANCELLED") {
            $failure = Get-Value $job "error"
            Stop-Smoke ("job " + $Id + " is " + $job.status +
                "; code: " + (Get-Value $failure "code") +
                "; message: " + (Get-Value $failure "message") +
                "; hint: " + (Get-Value $failure "hint"))
        }
        if ((Get-Date) -gt $deadline) {
            Stop-Smoke ("job " + $Id + " is still " + $job.status + " after " +
                $TimeoutSeconds + " seconds; is a worker running?")
        }
        Start-Sleep -Milliseconds 500
    }
}

function Save-Asset([string]$Id, [string]$Name, [int]$MoreThanBytes) {
    $path = Join-Path $OutDir $Name
    $address = $script:BaseUrl + "/assets/" + $Id + "/content"
    try {
        Invoke-WebRequest -Uri $address -Headers $Headers -OutFile $path -UseBasicParsing -TimeoutSec 60
    }
    catch {
        Stop-Smoke ("GET " + $address + ": " + (Get-Reason $_))
    }
    $size = (Get-Item -LiteralPath $path).Length
    if ($size -le $MoreThanBytes) {
        Stop-Smoke ($Name + " has " + $size + " bytes; more than " + $MoreThanBytes + " expected")
    }
    Write-Host ($Name + "  " + $size + " bytes")
}

$BaseUrl = $BaseUrl.TrimEnd("/")
if (-not (Test-Path -LiteralPath $OutDir)) {
    New-Item -ItemType Directory -Path $OutDir | Out-Null
}

$health = Invoke-Gala "GET" "/health" $null
$status = Get-Envelope $health "status"
if ($status -ne "ok") { Stop-Smoke ("health says " + $status) }
Write-Host ("health ok  " + (Get-Value $health "service") + " " + (Get-Value $health "version") +
    " at " + $BaseUrl)

$request = @{ name = "hello-e2e"; params = @{ text = "GALA E2E" } }
$job = Get-Envelope (Invoke-Gala "POST" "/jobs" $request) "job"
Write-Host ("job " + $job.id)

$job = Wait-JobDone $job.id
$outputs = @(Get-Value $job "outputs")
if ($outputs.Count -lt 1) { Stop-Smoke ("job " + $job.id + " is DONE without outputs") }
$video = Get-Value $outputs[0] "video_asset_id"
$thumbnail = Get-Value $outputs[0] "thumbnail_asset_id"
if (-not $video) { Stop-Smoke "outputs[0] has no video_asset_id" }
if (-not $thumbnail) { Stop-Smoke "outputs[0] has no thumbnail_asset_id" }

Save-Asset $video "hello.mp4" 10000
Save-Asset $thumbnail "hello.jpg" 1000
Write-Host "Smoke test OK"
exit 0
