"""Make pictures from outside safe to show: decoded, turned upright, stripped of what they tell, resized."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from PIL import Image as Pillow
from PIL import ImageCms, ImageOps, UnidentifiedImageError, features
from PIL.ImageFile import ImageFile

from depesche.lib.embedded import words_in

_MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",  # a JPEG that brings further frames
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
}
_OPENED = ("JPEG", "PNG", "WEBP", "GIF")
_MOST_BYTES = 40_000_000
_MOST_PIXELS = 60_000_000
_LONGEST_SIDE = 16_000  # WebP ends at 16,383
_QUALITY = 80
_AVIF_QUALITY = 60
_AVIF_SPEED = 8
_PLAIN_WIDTH = 640
_BROKEN = (OSError, SyntaxError, ValueError, OverflowError, EOFError, IndexError, struct.error, zlib.error)


@dataclass(frozen=True, slots=True)
class Image:
    """A picture fit to be shown.

    `media_type` and `sha256` are those of the bytes received, `width` and `height` the pixels of the
    upright original; `renditions` hold WebP files by their width in pixels, ascending. `more` holds files in
    other formats by width and format: AVIF in every width where it is the smaller one, and one `jpg` or `png` for
    programs that know neither. `caption` and `credit` are the picture's own.
    """

    media_type: str
    width: int
    height: int
    renditions: Mapping[int, bytes]
    sha256: str
    more: Mapping[tuple[int, str], bytes] = field(default_factory=dict)
    caption: str | None = None
    credit: str | None = None


def sanitise(raw: bytes, widths: Iterable[int] = (320, 640, 1280)) -> Image:
    """Return *raw*, a JPEG, PNG, WebP or GIF (its first frame), in each of *widths*, never enlarged.

    A picture narrower than a width is kept in its own width instead. Of EXIF, location, comments
    and colour profiles nothing remains; rotation and profile are applied first.

    Raises:
        ValueError: *raw* is no such picture, is broken, or is too large; the message says which.
    """
    wanted = sorted(set(widths))
    if not wanted or wanted[0] < 1:
        raise ValueError("a rendition needs a width")
    with _opened(raw) as source:
        media_type = _MEDIA_TYPES[source.format or ""]
        width, height = _upright_size(source)
        try:
            told = words_in(source)
            source.draft("RGB", (wanted[-1], wanted[-1]))  # lets a large JPEG be decoded at a fraction
            picture = _upright(source)
        except (*_BROKEN, Pillow.DecompressionBombError) as error:
            raise ValueError(f"the picture is broken: {error}") from error
    targets = sorted({min(target, width) for target in wanted})
    sized = {target: _resized(picture, target, max(1, round(target * height / width))) for target in targets}
    renditions = {target: _webp(one) for target, one in sized.items()}
    more = _avif(sized, renditions)
    plain = max([target for target in targets if target <= _PLAIN_WIDTH] or targets[:1])
    more |= _plain(plain, sized[plain], media_type)
    digest = hashlib.sha256(raw).hexdigest()
    return Image(media_type, width, height, renditions, digest, more, told.caption, told.credit)


def _opened(raw: bytes) -> ImageFile:
    if len(raw) > _MOST_BYTES:
        raise ValueError(f"the picture has {len(raw)} bytes, more than {_MOST_BYTES}")
    try:
        source = Pillow.open(io.BytesIO(raw), formats=_OPENED)
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning) as error:
        raise ValueError(f"the picture has more than {_MOST_PIXELS} pixels") from error
    except UnidentifiedImageError as error:
        raise ValueError("not a JPEG, PNG, WebP or GIF picture") from error
    except _BROKEN as error:
        raise ValueError(f"the picture is broken: {error}") from error
    if source.width * source.height > _MOST_PIXELS or max(source.size) > _LONGEST_SIDE:
        source.close()
        raise ValueError(f"the picture is too large: {source.width} x {source.height} pixels")
    return source


def _upright_size(source: Pillow.Image) -> tuple[int, int]:
    try:
        turned = source.getexif().get(0x0112, 1) in (5, 6, 7, 8)
    except _BROKEN:
        turned = False  # an unreadable EXIF block turns nothing; the pixels may still be sound
    return (source.height, source.width) if turned else source.size


def _upright(source: Pillow.Image) -> Pillow.Image:
    """Decode *source*; return it upright, in sRGB, as RGB or RGBA."""
    source.load()
    try:
        picture = ImageOps.exif_transpose(source)
    except _BROKEN:
        picture = source.copy()
    has_alpha = picture.has_transparency_data
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith("I"):  # 16 bits of grey
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    mode = "RGBA" if has_alpha else "RGB"
    if profile and picture.mode in ("RGB", "CMYK", "L"):
        picture = _in_srgb(picture, profile)
    return picture if picture.mode == mode else picture.convert(mode)


def _in_srgb(picture: Pillow.Image, profile: bytes) -> Pillow.Image:
    """Translate colours, so that dropping the profile changes nothing to the eye."""
    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        translated = ImageCms.profileToProfile(
            picture, given, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError):
        return picture  # a profile that cannot be read, or is for other channels, says nothing
    return translated or picture


def _resized(picture: Pillow.Image, width: int, height: int) -> Pillow.Image:
    if picture.size == (width, height):
        return picture
    return picture.resize((width, height), Pillow.Resampling.LANCZOS)


def _webp(picture: Pillow.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=_QUALITY, method=4, exif=b"", icc_profile=b"", xmp=b"")
    return out.getvalue()


def _avif(sized: Mapping[int, Pillow.Image], webp: Mapping[int, bytes]) -> dict[tuple[int, str], bytes]:
    """Return AVIF files for every width; none where this Pillow cannot write them or they are not smaller on the whole."""
    if not features.check("avif"):
        return {}
    made: dict[tuple[int, str], bytes] = {}
    for width, picture in sized.items():
        out = io.BytesIO()
        picture.save(
            out,
            "AVIF",
            quality=_AVIF_QUALITY,
            speed=_AVIF_SPEED,
            max_threads=1,
            exif=b"",
            icc_profile=b"",
            xmp=b"",
        )
        made[width, "avif"] = out.getvalue()
    return made if sum(map(len, made.values())) < sum(map(len, webp.values())) else {}


def _plain(width: int, picture: Pillow.Image, media_type: str) -> dict[tuple[int, str], bytes]:
    """Return one file in the original's format, or in the nearest that every program reads."""
    out = io.BytesIO()
    if picture.mode == "RGBA" or media_type == "image/png":
        picture.save(out, "PNG", optimize=True)
        return {(width, "png"): out.getvalue()}
    picture.save(out, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    return {(width, "jpg"): out.getvalue()}
