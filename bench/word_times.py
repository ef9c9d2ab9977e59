"""``python3 run.py bench word-times [--repeat N]``: word starts of Kokoro against its sound.

Kokoro speaks 40 sentences a language in one job, as users get it, and gives the start of each word
from its own durations. The other side is forced alignment of the same words with the finished sound
(the render type ``align``, half of whose starts are within about 15 ms), and the rise of the sound
after pauses, which is known to about 10 ms. ``--repeat 4`` makes the texts 10 minutes long, to
see that times do not drift: figures of the last tenth are printed too.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import wave
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from tests.support.engine import EngineHarness

AIM_SECONDS: Final = 0.060
AIM_SHARE: Final = 0.95
_PAUSE: Final = 0.12
_WINDOW: Final = 0.12
_SECONDS: Final = 7200.0

VOICES: Final[Mapping[str, str]] = {"es": "ef_dora", "en": "af_heart"}
SENTENCES: Final[Mapping[str, str]] = {
    "es": """
El tren de la mañana llegó tarde otra vez.
Mi hermana compró pan, queso y una botella de vino.
En el puerto esperaban tres barcos pequeños.
¿Quién dejó abierta la ventana de la cocina?
La profesora explicó la lección con mucha paciencia.
Ayer llovió tanto que cerraron el parque.
Los niños corrían detrás de un perro blanco.
Necesitamos más tiempo para terminar el proyecto.
El médico le recomendó caminar cada tarde.
Nadie supo responder a la última pregunta.
Cuando salió el sol, todo cambió de color.
Guarda los papeles en el cajón de arriba.
La biblioteca abre a las nueve y cierra a las ocho.
Su abuelo trabajó muchos años en la mina.
Hace frío, pero el cielo está despejado.
El mercado vende fruta fresca todos los jueves.
Perdí las llaves entre la casa y la oficina.
Un camión rojo bloqueaba la entrada del garaje.
Me gusta leer novelas antes de dormir.
La empresa contratará a veinte personas nuevas.
El río baja lleno después de la tormenta.
Prepara la mesa mientras yo caliento la sopa.
Aquel verano aprendimos a nadar en el lago.
El ministro habló durante casi una hora.
No encuentro el cargador de mi teléfono.
Las montañas se veían azules a lo lejos.
Compramos dos entradas para el concierto del viernes.
El gato duerme siempre sobre la misma silla.
Trabajan juntos desde hace más de diez años.
La carta llegó sin firma ni remitente.
Puedes dejar la bicicleta junto al árbol.
El viejo reloj de la torre dejó de funcionar.
Mañana visitaremos el museo de historia natural.
Ella respondió con una sonrisa tranquila.
El avión aterrizó con veinte minutos de retraso.
Todos aplaudieron al final de la obra.
La receta lleva tomate, cebolla y aceite de oliva.
Buscamos una casa con jardín y mucha luz.
El equipo ganó el partido en el último minuto.
Gracias por escuchar hasta el final.
""",
    "en": """
The morning train was late again today.
My sister bought bread, cheese and a bottle of wine.
Three small boats were waiting in the harbor.
Who left the kitchen window open?
The teacher explained the lesson with great patience.
It rained so much that they closed the park.
The children were running after a white dog.
We need more time to finish the project.
The doctor told him to walk every afternoon.
Nobody could answer the last question.
When the sun came up, everything changed its color.
Keep the papers in the top drawer.
The library opens at nine and closes at eight.
Her grandfather worked in the mine for many years.
It is cold, but the sky is clear.
The market sells fresh fruit every Thursday.
I lost my keys between the house and the office.
A red truck blocked the entrance of the garage.
I like to read novels before I go to sleep.
The company will hire twenty new people.
The river is high after the storm.
Set the table while I warm up the soup.
That summer we learned to swim in the lake.
The minister spoke for almost an hour.
I cannot find the charger of my phone.
The mountains looked blue in the distance.
We bought two tickets for the concert on Friday.
The cat always sleeps on the same chair.
They have worked together for more than ten years.
The letter came without a name or an address.
You can leave the bicycle next to the tree.
The old clock of the tower stopped working.
Tomorrow we will visit the natural history museum.
She answered with a quiet smile.
The plane landed twenty minutes late.
Everyone clapped at the end of the play.
The recipe needs tomatoes, onions and olive oil.
We are looking for a house with a garden.
The team won the match in the last minute.
Thank you for listening to the end.
""",
}


class Times(NamedTuple):
    """The words of a job, the same words as aligned, and its sound."""

    words: Sequence[Mapping[str, float]]
    aligned: Sequence[Mapping[str, float]]
    samples: NDArray[np.float32]
    rate: int

    def against_alignment(self) -> NDArray[np.float64]:
        """Return the starts of all words less the aligned ones, in seconds."""
        pairs = zip(self.words, self.aligned, strict=True)
        return np.array([one["start_ts"] - other["start_ts"] for one, other in pairs])

    def against_rises(self) -> NDArray[np.float64]:
        """Return the starts of words after a pause less the rise of the sound, in seconds."""
        level = self._levels()
        errors = []
        end = 0.0
        for word in self.words:
            start = word["start_ts"]
            if start - end >= _PAUSE:
                errors.append(start - self._rise(level, start))
            end = word["end_ts"]
        return np.array(errors)

    def _levels(self) -> NDArray[np.float64]:
        """Return the level of each millisecond, in decibels of full scale."""
        step = self.rate // 1000
        whole = self.samples[: len(self.samples) // step * step].reshape(-1, step)
        power = np.convolve((whole.astype(np.float64) ** 2).mean(1), np.ones(5) / 5, "same")
        return 10 * np.log10(power + 1e-12)

    def _rise(self, level: NDArray[np.float64], start: float) -> float:
        """Return the moment nearest to ``start`` when the sound rises out of the pause."""
        first = max(0, round((start - _WINDOW) * 1000))
        near = level[first : round((start + _WINDOW) * 1000)]
        quiet, loud = float(np.min(near)), float(np.max(near))
        above = np.flatnonzero(near > quiet + 0.4 * (loud - quiet))
        return (first + int(above[0])) / 1000


def measured(engine: EngineHarness, language: str, repeat: int) -> Times:
    """Speak the language's sentences and align them."""
    text = " ".join(SENTENCES[language].split("\n")).strip()
    text = "\n\n".join([text] * repeat)
    params = {"text": text, "engine": "kokoro", "voice": VOICES[language], "language": language}
    made = engine.make("tts", params, seconds=_SECONDS)
    sound = made.path("audio")
    aligned = engine.make(
        "align", {"text": text, "language": language}, seconds=_SECONDS, audio=sound
    )
    with wave.open(str(sound), "rb") as file:
        rate = file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32)
    words = json.loads(made.path("words").read_text(encoding="utf-8"))
    found = json.loads(aligned.path("words").read_text(encoding="utf-8"))
    found = found if isinstance(found, list) else found["words"]
    return Times(words, found, samples / np.float32(32768), rate)


def rows(times: Times) -> list[tuple[str, NDArray[np.float64]]]:
    """Return the errors by what they are measured against."""
    aligned = times.against_alignment()
    last = aligned[-max(1, len(aligned) // 10) :]
    rises = times.against_rises()
    return [
        ("alignment", aligned),
        ("alignment, last tenth", last),
        ("rise after pauses", rises),
        ("rise after pauses, last tenth", rises[-max(1, len(rises) // 10) :]),
    ]


def main(arguments: Sequence[str]) -> int:
    """Print the figures; return 1 if the aim is missed."""
    parser = argparse.ArgumentParser(prog="run.py bench word-times")
    parser.add_argument("languages", nargs="*", default=[*SENTENCES])
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for sound and words")
    options = parser.parse_args(arguments)
    table = Table("language", "against", "words", "median", "mean", "95 %", "within 60 ms")
    missed = False
    with tempfile.TemporaryDirectory() as folder:
        root = options.keep or Path(folder)
        root.mkdir(parents=True, exist_ok=True)
        engine = EngineHarness(root)
        try:
            for language in options.languages:
                for against, errors in rows(measured(engine, language, options.repeat)):
                    within = float(np.mean(np.abs(errors) <= AIM_SECONDS))
                    missed = missed or (against == "alignment" and within < AIM_SHARE)
                    table.add_row(
                        language,
                        against,
                        str(len(errors)),
                        f"{np.median(errors) * 1000:.0f} ms",
                        f"{np.mean(errors) * 1000:.0f} ms",
                        f"{np.quantile(np.abs(errors), 0.95) * 1000:.0f} ms",
                        f"{within:.1%}",
                    )
        finally:
            engine.close()
    Console().print(table)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
