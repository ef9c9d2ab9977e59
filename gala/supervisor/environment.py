"""The environment variables that renderer and Swagger UI receive: those named here, and no others.

API and workers need the operator's secrets (database, storage, tokens) and receive everything. The
renderer opens users' files, and Swagger UI serves a page: a list of what they need keeps all
secrets away from them, also those of other software. Programs in the renderer's sandbox receive
even less (``gala_renderer.sandbox.runner``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_SYSTEM: Final = frozenset(
    {
        *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TMP", "TEMP"),
        *("LANG", "LANGUAGE", "TZ", "TERM", "NO_COLOR", "FORCE_COLOR", "VIRTUAL_ENV"),
        *("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
        *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"),
    }
)
_SYSTEM_PREFIXES: Final = ("LC_", "PYTHON", "MALLOC_")
_SERVICE: Final = frozenset({"LOG_FORMAT", "LOG_LEVEL"})

_RENDERER: Final = frozenset(
    {
        *("DATA_ROOT", "FFMPEG_PATH", "FONTS_DIR"),
        *("GALA_HOME", "GALA_SANDBOX", "GALA_VOICE", "GALA_WEIGHTS_DIR"),
        *("KOKORO_WEIGHTS", "KOKORO_BACKEND", "KOKORO_DEVICE"),
        *("CHATTERBOX_URL", "CHATTERBOX_WEIGHTS", "CHATTERBOX_DEVICE"),
        *("SPEECH_OPENAI_URL", "SPEECH_OPENAI_KEY", "SPEECH_OPENAI_MODEL"),
        *("WHISPER_MODEL", "WHISPER_DEVICE", "WHISPER_COMPUTE_TYPE"),
        *("IMAGE_SERVICE_URL", "IMAGE_SERVICE_KEY", "IMAGE_SERVICE_DIALECT"),
        *("AVATAR_SERVICE_URL", "AVATAR_SERVICE_KEY", "AVATAR_SERVICE_SECONDS"),
        *("IMAGE_MODEL", "IMAGE_WEIGHTS", "IMAGE_DEVICE"),
        # Caches of models and fonts.
        *("HF_HOME", "HF_HUB_CACHE", "HF_HUB_OFFLINE", "TORCH_HOME", "FONTCONFIG_FILE"),
        "FONTCONFIG_PATH",
    }
)
_RENDERER_PREFIXES: Final = (
    "RENDERER_",
    # Graphics cards, and the threads of numeric libraries.
    *("CUDA_", "NVIDIA_", "ROCR_", "HIP_", "LIBVA_", "PYTORCH_"),
    *("OMP_", "MKL_", "KMP_", "OPENBLAS_", "CT2_"),
)
_SWAGGER: Final = frozenset({"SWAGGER_HOST", "SWAGGER_PORT", "API_PORT", "PUBLIC_BASE_URL"})


def renderer_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the part of the environment that the renderer receives."""
    return _chosen(environment, _RENDERER, _RENDERER_PREFIXES)


def swagger_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the part of the environment that Swagger UI receives."""
    return _chosen(environment, _SWAGGER, ())


def _chosen(
    environment: Mapping[str, str], names: frozenset[str], prefixes: tuple[str, ...]
) -> dict[str, str]:
    # Settings and proxies may be written in lower case, too.
    allowed = _SYSTEM | _SERVICE | names
    return {
        name: value
        for name, value in environment.items()
        if name.upper() in allowed or name.upper().startswith((*_SYSTEM_PREFIXES, *prefixes))
    }
