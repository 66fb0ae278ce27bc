"""What the manifest says of images."""

from __future__ import annotations

from typing import ClassVar

from installer.frozen import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagesSection:
    """`[images]`: what has to be here, and where images may come from.

    required  images without which nothing may start
    allowed   repositories, without tags, that may be pulled; a last part `*` stands for all below; empty: any
    """

    TABLE: ClassVar[str] = "images"

    required: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
