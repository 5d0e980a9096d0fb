"""Draw the demo's pictures: `python -m depesche.ops.demo.draw` writes them anew into the content folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from depesche.ops.demo.drawings import indoors, outdoors, sea
from depesche.ops.demo.drawings.canvas import Canvas

FOLDER = Path(__file__).parent / "content" / "pictures"

PICTURES: Mapping[str, Callable[[], Canvas]] = {
    "harbour.jpg": sea.harbour, "wind.jpg": sea.wind, "wafer.webp": indoors.wafer, "rails.jpg": outdoors.rails, "hall.png": indoors.hall, "freighter.jpg": sea.freighter,
    "fields.jpg": outdoors.fields, "steel.webp": indoors.steel, "depot.webp": outdoors.depot, "robots.webp": indoors.robots, "stadium.webp": outdoors.stadium, "laboratory.jpg": indoors.laboratory,
}  # fmt: skip


def write(folder: Path = FOLDER) -> list[Path]:
    """Draw every picture into *folder*; the same program draws the same pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, draw in PICTURES.items():
        image, path = draw().finished(), folder / name
        if path.suffix == ".png":  # few colours, as in a drawing made for the screen
            image.quantize(64).save(path, optimize=True)
        else:
            image.save(path, quality=80, method=6) if path.suffix == ".webp" else image.save(
                path, quality=80, optimize=True, progressive=True
            )
        paths.append(path)
    return paths


if __name__ == "__main__":
    write()
