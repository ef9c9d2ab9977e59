"""The compose file: valid, and no service reaches one that it must not."""

from __future__ import annotations

import json
import re
import subprocess
from importlib.resources import files
from typing import Any

import jsonschema_rs
import pytest

from gala.cli.weights.manifest import MANIFEST
from gala.cli.weights.registry import find
from gala.secret_files import REDIS_CONFIG
from gala.settings import SECRETS
from tests.unit.infra.infrafiles import INFRA, ROOT, compose

COMPOSE = compose()
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("api", "swagger-ui", "worker", "worker-interactive", "renderer")
IN_THE_IMAGE = (find("kokoro"), find("faces"))
ONCE = "service_completed_successfully"
SECRET = re.compile("DATABASE|POSTGRES|REDIS|S3_|GDRIVE|STORAGE")


def test_it_follows_the_compose_specification() -> None:
    schema = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    validator = jsonschema_rs.validator_for(json.loads(schema.read_text()))
    assert [error.message for error in validator.iter_errors(COMPOSE)] == []


def test_it_starts_without_an_env_file() -> None:
    text = (INFRA / "docker-compose.yml").read_text()
    without_default = re.findall(r"(?<!\$)\$\{\w+\}", text)
    assert without_default == []
    for name in ("api", "worker", "worker-interactive"):
        assert SERVICES[name]["env_file"] == [{"path": ".env", "required": False}]


def test_every_build_names_a_stage_of_the_dockerfile() -> None:
    for name in OURS:
        build = SERVICES[name]["build"]
        context = (INFRA / build["context"]).resolve()
        assert context == ROOT
        assert f" AS {build['target']}\n" in (context / build["dockerfile"]).read_text()


def test_ports_are_published_on_this_machine_only() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_database_and_redis_are_not_published_and_have_no_way_out() -> None:
    for name in ("postgres", "redis"):
        assert "ports" not in SERVICES[name]
        assert SERVICES[name]["networks"] == ["data"]
    assert COMPOSE["networks"]["data"] == {"internal": True}


def test_the_renderer_gets_no_secret_and_no_network_but_its_own() -> None:
    renderer = SERVICES["renderer"]
    assert "env_file" not in renderer
    assert [name for name in renderer["environment"] if SECRET.search(name)] == []
    assert renderer["networks"] == ["render"]
    assert COMPOSE["networks"]["render"] == {"internal": True}
    assert renderer["volumes"] == ["data:/data", "weights:/weights:ro"]
    assert "ports" not in renderer


def test_the_renderer_starts_with_the_weights_of_its_image_in_the_volume() -> None:
    renderer, weights = SERVICES["renderer"], SERVICES["image-weights"]
    assert renderer["depends_on"] == {"image-weights": {"condition": ONCE}}
    assert renderer["build"]["args"]["GALA_VOICE"] == "${GALA_VOICE:-auto}"
    assert renderer["build"]["args"]["GALA_FACES"] == "${GALA_FACES:-true}"
    assert "GALA_VOICE" in renderer["environment"]
    assert (weights["image"], weights["build"]) == (renderer["image"], renderer["build"])
    assert weights["volumes"] == ["weights:/weights"]
    assert weights["environment"]["GALA_WEIGHTS_DIR"] == "/weights"
    assert weights["network_mode"] == "none"
    (script,) = weights["command"]
    for one in IN_THE_IMAGE:
        assert f"gala weights import /opt/weights/{one.folder} {one.name}\n" in script
        assert f"[ ! -e /weights/{one.folder}/{MANIFEST} ]" in script
    assert subprocess.run(["sh", "-n", "-c", script], check=False).returncode == 0


def test_api_and_workers_share_settings_and_storage() -> None:
    api, worker = SERVICES["api"], SERVICES["worker"]
    shared = ("DATABASE_URL", "REDIS_URL", "STORAGE_PROVIDER", "STORAGE_LOCAL_ROOT")
    for name in ("worker", "worker-interactive"):
        for variable in shared:
            assert SERVICES[name]["environment"][variable] == api["environment"][variable]
        assert SERVICES[name]["volumes"] == worker["volumes"]
    assert "storage:/storage" in api["volumes"]
    assert "storage:/storage" in worker["volumes"]
    assert "data:/data" in worker["volumes"]


def test_one_worker_serves_each_lane() -> None:
    lanes = {name: SERVICES[name]["environment"].get("WORKER_LANE") for name in OURS}
    assert lanes["worker"] == "batch"
    assert lanes["worker-interactive"] == "interactive"


def test_staging_and_storage_do_not_overlap() -> None:
    environment = SERVICES["worker"]["environment"]
    assert environment["DATA_ROOT"] == "/data"
    assert environment["STORAGE_LOCAL_ROOT"] == "/storage"


@pytest.mark.parametrize("name", OURS)
def test_our_services_run_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service


def test_what_a_service_waits_for_can_become_healthy() -> None:
    dockerfile = (INFRA / "Dockerfile").read_text()
    stages = {stage.split("\n", 1)[0]: stage for stage in dockerfile.split(" AS ")[1:]}
    for service in SERVICES.values():
        for needed, how in service.get("depends_on", {}).items():
            if needed in {"secrets", "image-weights"}:
                assert how == {"condition": ONCE}
                assert SERVICES[needed]["restart"] == "no"
                continue
            assert how == {"condition": "service_healthy"}
            target = SERVICES[needed].get("build", {}).get("target")
            assert "healthcheck" in SERVICES[needed] or "HEALTHCHECK" in stages[target]


def test_redis_never_evicts() -> None:
    command = SERVICES["redis"]["command"]
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"
    assert command[command.index("--appendonly") + 1] == "yes"


def test_redis_has_a_generated_password_that_only_its_clients_can_read() -> None:
    redis = SERVICES["redis"]
    config = redis["command"][1]
    folder, _, name = config.rpartition("/")
    assert name == REDIS_CONFIG
    assert SERVICES["secrets"]["command"][-1] == folder == str(SECRETS)
    assert "".join(SERVICES["secrets"]["command"][1:3]) == "-mgala.secret_files"
    mounted = {name for name, one in SERVICES.items() if mounts(one, "secrets")}
    assert mounted == {"secrets", "redis", "api", "worker", "worker-interactive"}
    for name in mounted - {"secrets"}:
        assert f"secrets:{SECRETS}:ro" in SERVICES[name]["volumes"]
        assert SERVICES[name]["depends_on"]["secrets"] == {"condition": ONCE}
    assert SERVICES["secrets"]["network_mode"] == "none"


def test_the_generated_secrets_are_used_unless_others_are_set() -> None:
    for name in ("api", "worker", "worker-interactive"):
        environment = SERVICES[name]["environment"]
        # An empty variable counts as unset.
        assert environment["REDIS_URL"] == "${REDIS_URL:-}"
        assert "GALA_SECRET_KEY" not in environment


def test_the_folder_of_secrets_belongs_to_the_user_that_generates_them() -> None:
    dockerfile = (INFRA / "Dockerfile").read_text()
    assert re.search(rf"install --directory --owner=gala .*{SECRETS}\b", dockerfile)


def mounts(service: dict[str, Any], volume: str) -> bool:
    return any(mount.startswith(f"{volume}:") for mount in service.get("volumes", []))


@pytest.mark.parametrize("name", SERVICES)
def test_no_container_fills_the_memory_or_the_disk_of_the_machine(name: str) -> None:
    limit = SERVICES[name]["mem_limit"]
    assert re.fullmatch(r"\d+[mg]|\$\{[A-Z]+_MEMORY_LIMIT:-\d+g\}", limit)
    options = SERVICES[name]["logging"]["options"]
    assert options == {"max-size": "10m", "max-file": "5"}


def test_every_named_volume_and_network_is_declared_and_used() -> None:
    volumes = {
        mount.split(":", 1)[0]
        for service in SERVICES.values()
        for mount in service.get("volumes", [])
    }
    networks = {name for service in SERVICES.values() for name in service.get("networks", [])}
    assert volumes == set(COMPOSE["volumes"])
    assert networks == set(COMPOSE["networks"])


def test_minio_leaves_port_9000_to_the_renderer() -> None:
    assert SERVICES["minio"]["profiles"] == ["minio"]
    assert not any(":9000:" in port for port in SERVICES["minio"]["ports"])


def test_chatterbox_is_optional_confined_and_without_a_way_out() -> None:
    server, fetching = SERVICES["chatterbox"], SERVICES["chatterbox-weights"]
    assert server["profiles"] == fetching["profiles"] == ["chatterbox"]
    assert server["networks"] == ["render"]
    for service in (server, fetching):
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "ports" not in service
        assert "env_file" not in service
    assert server["volumes"] == ["weights:/weights:ro"]


def test_the_image_of_chatterbox_copies_what_is_there() -> None:
    dockerfile = INFRA / SERVICES["chatterbox"]["build"]["context"] / "renderer/chatterbox"
    text = (dockerfile / "Dockerfile").read_text().replace("\\\n", " ")
    sources = [
        source
        for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE)
        for source in line.split()[:-1]
    ]
    assert "renderer/gala_renderer/speech/chatterbox/synthesizer.py" in sources
    assert [source for source in sources if not (ROOT / source).exists()] == []
