"""Where things stand in a YAML file, to the character: what ruamel's marks say, and what they leave open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from ivr.domain.errors import CalorError

KeyPath = tuple[str, ...]
_ALIAS = re.compile(r"[ \t]*\*[^\s,\[\]{}]+")
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*", re.MULTILINE)


class InvalidFileChange(CalorError):
    """This cannot be written into the file."""


def load_data(text: str) -> Any:
    """The file as data. Raises InvalidFileChange when it cannot be read."""
    try:
        return YAML(typ="safe", pure=True).load(text)
    except RecursionError as error:
        raise InvalidFileChange(
            "the file is not readable as YAML: too many groups within one another"
        ) from error
    except (YAMLError, ValueError) as error:  # a date that no calendar has is a ValueError
        raise InvalidFileChange(f"the file is not readable as YAML: {str(error).splitlines()[0]}") from error


def find_node(text: str, path: KeyPath) -> Node | None:
    node: Node | None = _compose(text)
    for name in path:
        pairs = node.value if isinstance(node, MappingNode) else []
        node = next((value for key, value in pairs if key.value == name), None)
    return node


def _compose(text: str) -> Node | None:
    try:
        node: Node | None = YAML(typ="rt").compose(text)
    except YAMLError as error:
        raise InvalidFileChange(f"the file is not readable as YAML: {str(error).splitlines()[0]}") from error
    return node


def is_empty(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.start_mark.index == node.end_mark.index


def find_colon(text: str, key: Node) -> int:
    found = text.find(":", key.end_mark.index)
    if found < 0:
        raise InvalidFileChange(f'"{key.value}" is written in an unusual way; change it by hand.')
    return found


def end_of_pair(text: str, key: Node, value: Node) -> int:
    after = find_colon(text, key) + 1
    if alias := _ALIAS.match(text, after):
        return alias.end()
    return after if is_empty(value) else end_of_node(text, value)


def end_of_node(text: str, node: Node) -> int:
    """Of what is written; ruamel's mark of a block is where the next thing begins."""
    if isinstance(node, CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return end_of_pair(text, *last) if isinstance(node, MappingNode) else end_of_node(text, last)
    start, end = node.start_mark.index, node.end_mark.index
    return int(start + len(text[start:end].rstrip()))


def find_comments(text: str, value: Node, start: int, end: int) -> Iterator[str]:
    """In a part of the text, but not in what is written within the value."""
    bare = list(text[start:end])
    for leaf in _iterate_leaves(value):
        low, high = leaf.start_mark.index - start, leaf.end_mark.index - start
        if low >= 0:
            bare[low:high] = ["x"] * (min(high, len(bare)) - low)
    for found in _COMMENT.finditer("".join(bare)):
        yield text[start + found.start() : start + found.end()].rstrip()


def _iterate_leaves(node: Node) -> Iterator[Node]:
    if isinstance(node, MappingNode):
        for pair in node.value:
            for one in pair:
                yield from _iterate_leaves(one)
    elif isinstance(node, SequenceNode):
        for item in node.value:
            yield from _iterate_leaves(item)
    else:
        yield node


def line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def line_end(text: str, at: int) -> int:
    """Before what ends the line."""
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    return end - 1 if end > at and text[end - 1] == "\r" else end


def text_after_line(text: str, at: int) -> str:
    end = text.find("\n", at)
    return "" if end < 0 else text[end + 1 :]


def newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
