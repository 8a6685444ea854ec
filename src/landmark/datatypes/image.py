"""A picture: the bytes of a file, a data URL, or a path. Decoded here; everything after is in the graph.

Step `table` reads the files that a column of paths names, so that training sees bytes only. A path that comes here
comes with a request, and nobody who can send one may look at files unless the document names a folder for them.
"""

from __future__ import annotations

import base64
import io
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from pydantic import Field, model_validator

from landmark.artifacts.artifact import Artifact
from landmark.artifacts.features import Feature, Role, Value
from landmark.artifacts.profile import ColumnProfile
from landmark.core import cells
from landmark.core.options import ColumnOptions
from landmark.core.table import Array, Columns, is_text, only, whole, without
from landmark.datatypes import Likeness
from landmark.graph.builder import Graph

if TYPE_CHECKING:
    from PIL.Image import Image

COLUMNS = 1
_BOMB = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x0f\xff\xff\x00\x0f\xff\xff\x08\x02\x00\x00\x00"
STRANGE: tuple[Any, ...] = (
    *(None, b"", b"not a picture", b"\x00" * 1000, b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", _BOMB),
    *(
        "",
        " ",
        "no/such/picture.png",
        "../../etc/passwd",
        "/dev/zero",
        "a\x00b.png",
        "🙂.jpg",
        "x" * 10_000,
        ".",
        "\u202egnp.a",
    ),
    *(
        "data:image/png;base64,",
        "data:image/png;base64,!!!!",
        "http://example.org/a.png",
        5,
        True,
        float("nan"),
        [1, 2, 3],
    ),
)
ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp")
PRESENT = "present"
"""The second tensor's ending: 1 where there is a picture, 0 where there is none."""


class Options(ColumnOptions):
    """What may be said of a column of pictures."""

    folder: str | None = Field(
        None,
        description="where paths in requests to a model that learnt from files start; a path that leads out of it is "
        "not read, and without it no path is (files of training rows are found from the document's folder)",
    )
    size: int = Field(32, ge=8, le=256, description="pixels in height and in width that pictures are scaled to")
    thumbnail: int = Field(8, ge=1, le=64, description="fields in height and in width whose mean colours models see")
    max_pixels: int = Field(50_000_000, ge=1, description="a picture with more is not decoded")

    @model_validator(mode="after")
    def _whole_fields(self) -> Options:
        if self.size % self.thumbnail:
            raise ValueError(
                f"size must be a multiple of thumbnail, but got size={self.size}, thumbnail={self.thumbnail}"
            )
        return self


class State(Artifact):
    """The sizes of the picture and of its thumbnail."""

    size: int
    thumbnail: int


def likeness(profiles: Sequence[ColumnProfile]) -> Likeness:
    """Say how surely one column holds pictures: bytes, or paths with a picture's ending."""
    (profile,) = profiles
    if profile.physical.startswith(("binary", "large_binary")):
        return Likeness(0.95, "bytes, which no other type reads")
    texts = [text.strip().lower() for text, _ in profile.top]
    share = sum(text.endswith(ENDINGS) or text.startswith("data:image/") for text in texts) / max(len(texts), 1)
    return Likeness(0.98 * share, f"{share:.0%} of the values end like files of pictures")


def fit(columns: Columns, options: Options) -> State:
    """Return the sizes; no pixel is looked at."""
    return State(size=options.size, thumbnail=options.thumbnail)


def wire(columns: Columns, options: Options, strict: bool) -> dict[str, Array]:
    """Return cells (n,) as pixels uint8 (n, size, size, 3), red, green, blue, and int64 (n,), 1 where present."""
    name, array = only(columns)
    array = whole(array)
    given = without(array, ("", *options.missing))
    pixels = np.zeros((len(array), options.size, options.size, 3), np.uint8)
    present, odd = np.zeros(len(array), np.int64), np.zeros(len(array), bool)
    readable = is_text(array.type) or pa.types.is_binary(array.type) or pa.types.is_large_binary(array.type)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's, on damaged metadata and on size, which is judged here
        for i, source in enumerate(given.to_pylist() if readable else ()):
            picture = None if source is None else _pixels(source, options)
            odd[i] = source is not None and picture is None
            if picture is not None:
                pixels[i], present[i] = picture, 1
    if strict:
        unreadable = odd if readable else np.asarray(array.is_valid().to_numpy(zero_copy_only=False))
        place = "" if options.folder is None else " within the folder"
        cells.refuse(name, array, unreadable, f"a picture of at most {options.max_pixels} pixels{place}")
    return {name: pixels, f"{name}.{PRESENT}": present}


def graph(g: Graph, name: str, inputs: dict[str, Value], state: State) -> list[Feature]:
    """Give PIXELS (n, size, size, 3), black where missing, and the thumbnail as VALUES, NaN where missing.

    Sums of whole numbers are exact in float64, so that the order in which they are added does not matter.
    """
    (column, pixels), (_, present) = inputs.items()
    fields, each = state.thumbnail, state.size // state.thumbnail
    cut = g.op("Reshape", g.cast(pixels, "float64"), g.constant([-1, fields, each, fields, each, 3], "int64"))
    sums = g.op("ReduceSum", cut, g.constant([2, 4], "int64"), keepdims=0)
    means = g.op(
        "Div", g.op("Reshape", sums, g.constant([-1, fields * fields * 3], "int64")), g.constant(each * each * 1.0)
    )
    there = g.column(g.op("Equal", present, g.constant(1, "int64")))
    small = g.op("Where", there, means, g.constant(np.nan))
    labels = tuple(
        f"{name}[{y},{x}].{c}" for y in range(fields) for x in range(fields) for c in ("red", "green", "blue")
    )
    shape = (state.size, state.size, 3)
    return [
        Feature(name=name, role=Role.PIXELS, value=g.op("Identity", pixels), size=3, columns=(column,), shape=shape),
        Feature(
            name=f"{name}.thumbnail", role=Role.VALUES, value=small, size=len(labels), columns=(column,), labels=labels
        ),
    ]


def example(rng: np.random.Generator, n: int, names: Sequence[str]) -> Columns:
    """Return n small pictures of one colour each, with noise, as bytes of PNG files; a twentieth missing."""
    from PIL import Image

    files: list[bytes | None] = []
    for _ in range(n):
        noise = rng.integers(0, 64, (12, 16, 3)) + rng.integers(0, 192, 3)
        file = io.BytesIO()
        Image.fromarray(noise.astype(np.uint8)).save(file, "PNG")
        files.append(file.getvalue() if rng.random() >= 0.05 else None)
    return {names[0]: pa.array(files, pa.binary())}


def _pixels(source: str | bytes, options: Options) -> Array | None:
    """Return one picture as uint8 (size, size, 3), or None where it cannot be read."""
    from PIL import Image, UnidentifiedImageError

    try:
        content = source if isinstance(source, bytes) else _content(source, options)
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")) as image:
            if image.width * image.height > options.max_pixels:
                return None
            plain = _plain(image)
        return np.asarray(plain.resize((options.size, options.size), Image.Resampling.BILINEAR))
    except (OSError, ValueError, SyntaxError, EOFError, UnidentifiedImageError, Image.DecompressionBombError):
        return None
    except (TypeError, KeyError, IndexError, OverflowError, MemoryError):  # what Pillow raises on damaged files
        return None


def _content(text: str, options: Options) -> bytes:
    """Return the bytes that a path or a data URL names. Raises: OSError or ValueError where it cannot."""
    if text.startswith("data:"):
        return base64.b64decode(text.partition(",")[2], validate=True)
    if options.folder is None or not (options.physical is None or "binary" in options.physical):
        raise OSError("no folder is named for paths, or training rows held no files")
    folder = Path(options.folder).resolve()
    path = (folder / text.strip()).resolve()
    if not path.is_relative_to(folder) or not path.is_file():
        raise OSError(f"{text!r} is no file in the folder")
    return path.read_bytes()


def _plain(image: Image) -> Image:
    """Return a picture upright, in red, green and blue; what is transparent becomes white, 16 bits become 8."""
    from PIL import Image, ImageOps

    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I;16") or upright.mode == "I":
        return Image.fromarray((np.asarray(upright).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8)).convert("RGB")
    if not upright.has_transparency_data:
        return upright.convert("RGB")
    clear = upright.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear).convert("RGB")
