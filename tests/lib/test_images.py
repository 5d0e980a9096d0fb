"""Pictures as senders send them: sound, sideways, talkative, broken and hostile."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from PIL import ImageCms, TiffImagePlugin

from depesche.lib import images


def drawn(mode: str = "RGB", size: tuple[int, int] = (900, 600)) -> Pillow.Image:
    """Return a picture that is red on the left and blue on the right."""
    picture = Pillow.new("RGB", size, (200, 0, 0))
    picture.paste((0, 0, 200), (size[0] // 2, 0, size[0], size[1]))
    return picture.convert(mode)


def file(picture: Pillow.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def opened(rendition: bytes) -> Pillow.Image:
    picture = Pillow.open(io.BytesIO(rendition), formats=["WEBP"])
    picture.load()
    return picture


def is_red(picture: Pillow.Image, x: int, y: int) -> bool:
    red, _, blue = picture.convert("RGB").getpixel((x, y))
    return red > 150 and blue < 60


def png_of(width: int, height: int) -> bytes:
    """Return a PNG that promises *width* times *height* pixels and brings none."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("GIF", "image/gif")],
)
def test_each_kind_becomes_webp_in_each_width(kind, media_type):
    raw = file(drawn(size=(1500, 1000)), kind)
    image = images.sanitise(raw)
    assert (image.media_type, image.width, image.height) == (media_type, 1500, 1000)
    assert image.sha256 == hashlib.sha256(raw).hexdigest()
    sizes = {width: opened(rendition).size for width, rendition in image.renditions.items()}
    assert sizes == {320: (320, 213), 640: (640, 427), 1280: (1280, 853)}
    assert list(image.renditions) == sorted(image.renditions)
    largest = opened(image.renditions[1280])
    assert is_red(largest, 100, 400)
    assert not is_red(largest, 1180, 400)


@pytest.mark.parametrize(
    ("width", "kept"), [(100, [100]), (320, [320]), (500, [320, 500]), (1280, [320, 640, 1280])]
)
def test_no_picture_is_enlarged(width, kept):
    image = images.sanitise(file(drawn(size=(width, 80)), "PNG"))
    assert list(image.renditions) == kept
    assert opened(image.renditions[kept[-1]]).size == (width, 80)


def test_a_sideways_picture_is_turned_upright_and_says_nothing_of_its_maker():
    exif = Pillow.Exif()
    exif[0x0112] = 6  # the camera lay on its side: turn right
    exif[0x013B] = "Anna Fotografin"
    exif[0x8825] = {1: "N", 2: (TiffImagePlugin.IFDRational(52), TiffImagePlugin.IFDRational(31), 0.0)}
    raw = file(drawn(), "JPEG", exif=exif, comment=b"call 0123 456789", xmp=b"<x:xmpmeta>Anna</x:xmpmeta>")
    assert b"Anna" in raw
    image = images.sanitise(raw)
    assert (image.width, image.height) == (600, 900)
    for rendition in image.renditions.values():
        picture = opened(rendition)
        assert dict(picture.getexif()) == {}
        assert not {"exif", "xmp", "comment", "icc_profile"} & set(picture.info)
        assert b"Anna" not in rendition
        assert b"0123 456789" not in rendition
        assert b"EXIF" not in rendition
    tall = opened(image.renditions[600])
    assert tall.size == (600, 900)
    assert is_red(tall, 300, 100)
    assert not is_red(tall, 300, 800)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "I;16"])
def test_every_way_to_store_colour_is_read(mode):
    if mode == "I;16":
        ramp = Pillow.new("I;16", (400, 10), 40_000)
        raw = file(ramp, "PNG")
    else:
        raw = file(drawn(mode, (400, 300)), "JPEG" if mode == "CMYK" else "PNG")
    picture = opened(images.sanitise(raw).renditions[400])
    assert picture.mode == "RGB"
    if mode == "I;16":
        assert abs(picture.getpixel((200, 5))[0] - 40_000 / 256) < 8
    elif mode in ("P", "RGB", "CMYK"):
        assert is_red(picture, 50, 150)


def test_what_is_transparent_stays_so():
    picture = drawn("RGBA", (400, 300))
    picture.putalpha(0)
    assert opened(images.sanitise(file(picture, "PNG")).renditions[400]).getpixel((10, 10))[3] == 0


def test_a_colour_profile_is_applied_and_dropped():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain = images.sanitise(file(drawn(), "PNG")).renditions[320]
    profiled = images.sanitise(file(drawn(), "PNG", icc_profile=profile)).renditions[320]
    assert "icc_profile" not in opened(profiled).info
    assert opened(profiled).getpixel((10, 10)) == opened(plain).getpixel((10, 10))
    assert images.sanitise(file(drawn(), "PNG", icc_profile=b"no profile")).renditions[320] == plain


def test_only_the_first_frame_of_a_moving_picture_is_shown():
    frames = [Pillow.new("RGB", (400, 300), colour) for colour in ((200, 0, 0), (0, 0, 200))]
    raw = file(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100)
    picture = opened(images.sanitise(raw).renditions[400])
    assert getattr(picture, "n_frames", 1) == 1
    assert is_red(picture, 200, 150)


def test_a_jpeg_with_further_frames_is_a_jpeg():
    raw = file(drawn(), "MPO", save_all=True, append_images=[drawn()])
    assert images.sanitise(raw).media_type == "image/jpeg"


def test_a_line_of_pixels_has_at_least_one_in_height():
    image = images.sanitise(file(drawn(size=(3000, 1)), "PNG"))
    assert opened(image.renditions[320]).size == (320, 1)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "not a JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>x()</script></svg>", "not a JPEG"),
        (b"<?xml version='1.0'?><svg/>", "not a JPEG"),
        (b"%PDF-1.4", "not a JPEG"),
        (b"GIF89a", "broken|not a JPEG"),
        (file(drawn(), "BMP"), "not a JPEG"),
        (file(drawn(), "TIFF"), "not a JPEG"),
        (file(drawn(), "JPEG")[:3000], "broken"),
        (file(drawn(), "PNG")[:-200], "broken"),
        (png_of(400, 300), "broken"),
        (png_of(7_900, 7_900), "too large"),
        (png_of(10_000, 10_000), "pixels"),
        (png_of(60_000, 60_000), "pixels"),
        (png_of(20_000, 2), "too large"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40_000_001, "bytes"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value[:8]!r}-{len(value)}",
)  # fmt: skip
def test_what_cannot_be_shown_is_refused_with_its_reason(raw, reason):
    with pytest.raises(ValueError, match=reason):
        images.sanitise(raw)


def test_a_width_is_needed():
    with pytest.raises(ValueError, match="width"):
        images.sanitise(file(drawn(), "PNG"), widths=())
    with pytest.raises(ValueError, match="width"):
        images.sanitise(file(drawn(), "PNG"), widths=(0, 10))


SOUND = [file(drawn(size=(40, 30)), kind) for kind in ("JPEG", "PNG", "WEBP", "GIF")] + [
    file(drawn(size=(40, 30)), "JPEG", exif=Pillow.Exif())
]


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's remarks on damaged EXIF
@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(SOUND),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=6),
    st.integers(0, 2000),
)
def test_damage_is_shown_as_far_as_it_decodes_or_refused_never_more(raw, damage, cut):
    damaged = bytearray(raw)
    for place, byte in damage:
        damaged[place % len(damaged)] = byte
    try:
        image = images.sanitise(bytes(damaged[: max(cut, 20)]), widths=(20,))
    except ValueError:
        return
    assert opened(image.renditions[min(20, image.width)]).width == min(20, image.width)


# -- formats for every program, and what a picture says of itself ----------------------------------


def landscape(size: tuple[int, int] = (1000, 700)) -> Pillow.Image:
    return Pillow.effect_mandelbrot(size, (-2, -1, 1, 1), 60).convert("RGB")


@pytest.mark.parametrize(
    ("kind", "mode", "plain"),
    [
        ("JPEG", "RGB", "jpg"),
        ("PNG", "RGB", "png"),
        ("PNG", "RGBA", "png"),
        ("GIF", "RGB", "jpg"),
        ("WEBP", "RGB", "jpg"),
    ],
)
def test_there_is_one_file_for_programs_that_know_neither_webp_nor_avif(kind, mode, plain):
    made = images.sanitise(file(drawn(mode), kind))
    ((width, ending), raw) = next((key, raw) for key, raw in made.more.items() if key[1] != "avif")
    assert (width, ending) == (640, plain)
    picture = Pillow.open(io.BytesIO(raw), formats=["JPEG", "PNG"])
    picture.load()
    assert picture.size == (640, 427)
    assert is_red(picture, 20, 200)


def test_a_small_picture_has_a_small_file():
    made = images.sanitise(file(drawn(size=(90, 60)), "JPEG"))
    assert {key for key in made.more if key[1] == "jpg"} == {(90, "jpg")}


def test_avif_is_there_in_every_width_or_not_at_all_and_is_smaller():
    noisy = Pillow.effect_noise((1400, 900), 60).convert("RGB")
    for picture in (landscape(), noisy, drawn()):
        made = images.sanitise(file(picture, "JPEG"))
        avif = {width: raw for (width, kind), raw in made.more.items() if kind == "avif"}
        if avif:
            assert set(avif) == set(made.renditions)
            assert sum(map(len, avif.values())) < sum(map(len, made.renditions.values()))
            for width, raw in avif.items():
                shown = Pillow.open(io.BytesIO(raw), formats=["AVIF"])
                assert (shown.width, shown.getexif(), shown.info.get("icc_profile")) == (width, {}, None)


def iim(*fields: tuple[int, int, bytes]) -> bytes:
    """Return fields of IPTC-IIM as a JPEG carries them, in a segment of Photoshop's."""
    block = b"".join(
        b"\x1c" + bytes([record, number]) + struct.pack(">H", len(value)) + value
        for record, number, value in fields
    )
    resource = b"8BIM\x04\x04\x00\x00" + struct.pack(">I", len(block)) + block + b"\0" * (len(block) % 2)
    body = b"Photoshop 3.0\0" + resource
    return b"\xff\xed" + struct.pack(">H", len(body) + 2) + body


def xmp(inner: str) -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"'
        f' rdf:about="">{inner}</rdf:Description></rdf:RDF></x:xmpmeta>'
    ).encode()


def with_segment(segment: bytes) -> bytes:
    raw = file(drawn(size=(60, 40)), "JPEG")
    return raw[:2] + segment + raw[2:]


UTF8 = (1, 90, b"\x1b%G")
CAPTION, CREDIT, BYLINE, NOTE = 120, 110, 80, 40


@pytest.mark.parametrize(
    ("fields", "caption", "credit"),
    [
        ((UTF8, (2, CAPTION, "Boje vor Küste".encode()), (2, CREDIT, "Küstenbild".encode())), "Boje vor Küste", "Küstenbild"),
        (((2, CAPTION, "Küste".encode("latin-1")),), "Küste", None),
        (((2, BYLINE, b"Jonna Kolk"), (2, NOTE, b"Telefon 0123")), None, "Jonna Kolk"),
        (((2, CREDIT, b"Agentur"), (2, BYLINE, b"Jonna Kolk")), None, "Agentur"),
        (((2, CAPTION, b"a\r\nb\0c"),), "a bc", None),
        (((2, CAPTION, b"   "),), None, None),
        (((2, CAPTION, b"x" * 9000),), "x" * 2000, None),
        (((2, 55, b"20260302"),), None, None),
    ],
)  # fmt: skip
def test_caption_and_credit_are_read_from_iptc_fields_and_nothing_else(fields, caption, credit):
    made = images.sanitise(with_segment(iim(*fields)))
    assert (made.caption, made.credit) == (caption, credit)
    told = [*made.renditions.values(), *made.more.values()]
    assert not any(b"Jonna" in raw or b"Telefon" in raw or b"8BIM" in raw for raw in told)


@pytest.mark.parametrize(
    ("inner", "caption", "credit"),
    [
        ('<dc:description><rdf:Alt><rdf:li xml:lang="en">Buoy</rdf:li><rdf:li xml:lang="x-default">Boje</rdf:li></rdf:Alt></dc:description>', "Boje", None),
        ("<photoshop:Credit>Küstenbild</photoshop:Credit><dc:creator><rdf:Seq><rdf:li>J. Kolk</rdf:li></rdf:Seq></dc:creator>", None, "Küstenbild"),
        ("<dc:creator><rdf:Seq><rdf:li> </rdf:li><rdf:li>J. Kolk</rdf:li></rdf:Seq></dc:creator>", None, "J. Kolk"),
        ("", None, None),
    ],
)  # fmt: skip
def test_xmp_is_read_in_every_kind_of_file(inner, caption, credit):
    for kind in ("JPEG", "PNG", "WEBP"):
        options = {"xmp": xmp(inner)}
        if kind == "PNG":
            from PIL.PngImagePlugin import PngInfo

            info = PngInfo()
            info.add_itxt("XML:com.adobe.xmp", xmp(inner).decode())
            options = {"pnginfo": info}
        made = images.sanitise(file(drawn(size=(60, 40)), kind, **options))
        assert (kind, made.caption, made.credit) == (kind, caption, credit)


def test_an_attribute_may_hold_the_credit():
    raw = xmp("").replace(b'rdf:about=""', 'rdf:about="" photoshop:Credit="Küstenbild"'.encode())
    assert images.sanitise(file(drawn(size=(60, 40)), "JPEG", xmp=raw)).credit == "Küstenbild"


@pytest.mark.parametrize(
    "raw",
    [
        b"<x", b"", b"no xml", xmp("").replace(b"</rdf:RDF>", b""), b"<a>" * 10_000 + b"x>",
        b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;&b;">]>' + xmp("<photoshop:Credit>&c;</photoshop:Credit>"),
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>' + xmp("<photoshop:Credit>&b;</photoshop:Credit>"),
    ],
)  # fmt: skip
def test_hostile_fields_say_nothing_and_harm_nothing(raw):
    made = images.sanitise(file(drawn(size=(60, 40)), "JPEG", xmp=raw))
    assert (made.caption, made.credit) == (None, None)
    assert made.renditions


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_no_embedded_block_is_too_odd(block):
    body = b"Photoshop 3.0\0" + block
    made = images.sanitise(with_segment(b"\xff\xed" + struct.pack(">H", len(body) + 2) + body))
    assert made.renditions
