"""Which images of a tree nobody needs; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from sm.images.catalogue import Image


def garbage(images: Mapping[str, Image]) -> list[str]:
    """Uuids of the hidden images without a visible descendant, children before their parents.

    A damaged image may have any parent, so while there is one nothing is garbage.
    """
    if any(image.damaged for image in images.values()):
        return []
    children = Counter(image.parent for image in images.values() if image.parent)
    ready = [uuid for uuid, image in images.items() if image.about.hidden and not children[uuid]]
    found = []
    while ready:
        uuid = ready.pop()
        found.append(uuid)
        parent = images[uuid].parent
        children[parent] -= 1
        if parent in images and images[parent].about.hidden and not children[parent]:
            ready.append(parent)
    return found
