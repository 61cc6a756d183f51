"""Changes in a YAML file that leave every other character as it is: values are replaced where they stand.

ruamel's own way of writing a file back keeps comments, but not indents, the room before a comment or within brackets.
So only its marks are used here. What comes out is read again, and must differ in what was asked for and in nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from ivr.flow.yaml_source.entry import Entry, Fault, read
from ivr.flow.yaml_source.positions import (
    BadChange,
    Path,
    colon,
    comments_in,
    empty,
    end_of,
    find,
    from_next_line,
    line_end,
    line_start,
    load,
    newline,
    pair_end,
)

_PLAIN = re.compile(r"[^\W\d_]\w*( \w+)*")
_NOT_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
_TO_COMMA = re.compile(r"\s*,[ \t]*")
_COMMA_BEFORE = re.compile(r",\s*\Z")


def put(text: str, path: Path, source: str, *, after: tuple[str, ...] = ()) -> str:
    """The value at the path is `source`, which is YAML on one line. A new name comes after the last of `after`, or last.
    Raises BadChange where a person has to do it: the value is shared by an anchor, or the file cannot be read.
    """
    return _verified(text, _put(text, path, source, after), lambda data: _set(data, path, load(source)))


def drop(text: str, path: Path, *, keep_comments: bool = True) -> str:
    """Without the name at the path, which is there. Comments in its lines stay as lines of their own, or go with it."""
    return _verified(text, _drop(text, path, keep_comments=keep_comments), lambda data: _unset(data, path))


def add_item(text: str, path: Path, source: str) -> str:
    """`source` at the end of the list at the path; a list of it alone when there is none."""
    return _verified(text, _add_item(text, path, source), lambda data: _append(data, path, load(source)))


def drop_item(text: str, path: Path, value: str) -> str:
    """Without an item of a list, which is there, and the comment behind it."""
    return _verified(text, _drop_item(text, path, value), lambda data: _remove(data, path, value))


def quoted(word: str) -> str:
    """As it stands in a file: in quotes where it could be taken for something else."""
    return (
        word
        if _PLAIN.fullmatch(word) and word.lower() not in _NOT_WORDS
        else json.dumps(word, ensure_ascii=False)
    )


def written(value: object) -> str:
    """A number, a word, a list or a group of such, as YAML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{quoted(str(key))}: {written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, Iterable) and not isinstance(value, str):
        return "[" + ", ".join(written(one) for one in value) + "]"
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else quoted(str(value))


def accepted(before: str, after: str, file: str, parse: Callable[[Entry], object]) -> str:
    """`after`; raises BadChange with the faults that it has and `before` had not."""
    known = {fault.message for fault in _faults(before, file, parse)}
    new = [fault.message for fault in _faults(after, file, parse) if fault.message not in known]
    if new:
        raise BadChange("\n".join(dict.fromkeys(new)))
    return after


def _faults(text: str, file: str, parse: Callable[[Entry], object]) -> list[Fault]:
    faults: list[Fault] = []
    parse(read(text, file, faults))
    return faults


# ---- the text ------------------------------------------------------------------------------------------------------


def _put(text: str, path: Path, source: str, after: tuple[str, ...]) -> str:
    name = path[-1]
    parent = find(text, path[:-1])
    if parent is None or empty(parent):
        return (
            _put(text, path[:-1], f"{{{quoted(name)}: {source}}}", ())
            if path[1:]
            else _append_line(text, f"{quoted(name)}: {source}")
        )
    if not isinstance(parent, MappingNode):
        raise BadChange(f'"{".".join(path[:-1])}" should be a group of "name: value"; change it by hand.')
    for key, value in parent.value:
        if key.value == name:
            return _replace(text, key, value, source)
    added = f"{quoted(name)}: {source}"
    if parent.flow_style:
        return _add_in_flow(text, parent, added)
    ends = [pair_end(text, key, value) for key, value in parent.value if key.value in after or not after]
    end = line_end(text, (ends or [end_of(text, parent)])[-1])
    return _insert_line(text, end, " " * parent.start_mark.column + added)


def _replace(text: str, key: Node, value: Node, source: str) -> str:
    start, end = colon(text, key) + 1, pair_end(text, key, value)
    if value.start_mark.index < key.start_mark.index or value.anchor:
        raise BadChange(f'"{key.value}" is shared with other places by an anchor; change it by hand.')
    if not empty(value) and "\n" not in text[start:end]:
        return text[: value.start_mark.index] + source + text[end:]
    head = line_start(text, key.start_mark.index)
    kept = "".join(
        f"{' ' * key.start_mark.column}{one}{newline(text)}" for one in comments_in(text, value, start, end)
    )
    return text[:head] + kept + text[head:start] + " " + source + text[end:]


def _drop(text: str, path: Path, *, keep_comments: bool) -> str:
    parent = find(text, path[:-1])
    pairs = parent.value if isinstance(parent, MappingNode) else []
    key, value = next(((key, value) for key, value in pairs if key.value == path[-1]), (None, None))
    if parent is None or key is None or value is None:
        raise BadChange(f'there is no "{".".join(path)}".')
    start, end = key.start_mark.index, pair_end(text, key, value)
    if isinstance(parent, MappingNode) and parent.flow_style:
        return _cut_in_flow(text, start, end)
    kept = list(comments_in(text, value, start, line_end(text, end))) if keep_comments else []
    lines = "".join(f"{' ' * key.start_mark.column}{one}{newline(text)}" for one in kept)
    return text[: line_start(text, start)] + lines + from_next_line(text, end)


def _add_item(text: str, path: Path, source: str) -> str:
    node = find(text, path)
    if node is None or empty(node):
        return _put(text, path, f"[{source}]", ())
    if isinstance(node, ScalarNode):
        return _put(text, path, f"[{text[node.start_mark.index : end_of(text, node)]}, {source}]", ())
    if not isinstance(node, SequenceNode):
        raise BadChange(f'"{".".join(path)}" should be a list; change it by hand.')
    if node.flow_style:
        return _add_in_flow(text, node, source)
    end = line_end(text, end_of(text, node))
    return _insert_line(text, end, " " * node.start_mark.column + f"- {source}")


def _drop_item(text: str, path: Path, value: str) -> str:
    node = find(text, path)
    if isinstance(node, ScalarNode) and node.value == value:
        return _put(text, path, "[]", ())
    items = node.value if isinstance(node, SequenceNode) else []
    item = next((item for item in items if item.value == value), None)
    if node is None or item is None:
        raise BadChange(f'"{value}" is not in "{".".join(path)}".')
    start, end = item.start_mark.index, end_of(text, item)
    if isinstance(node, SequenceNode) and node.flow_style:
        return _cut_in_flow(text, start, end)
    return text[: line_start(text, start)] + from_next_line(text, end)


def _add_in_flow(text: str, node: CollectionNode, added: str) -> str:
    if not node.value:
        inside = node.start_mark.index + 1
        return text[:inside] + added + text[inside:]
    last = node.value[-1]
    end = pair_end(text, *last) if isinstance(node, MappingNode) else end_of(text, last)
    return f"{text[:end]}, {added}{text[end:]}"


def _cut_in_flow(text: str, start: int, end: int) -> str:
    """With a comma after it, or else before it."""
    if comma := _TO_COMMA.match(text, end):
        end = comma.end()
    elif comma := _COMMA_BEFORE.search(text[:start]):
        start = comma.start()
    return text[:start] + text[end:]


def _insert_line(text: str, end: int, line: str) -> str:
    return text[:end] + newline(text) + line + text[end:]


def _append_line(text: str, line: str) -> str:
    end = newline(text)
    return text + ("" if not text or text.endswith("\n") else end) + line + end


# ---- the same change in data ---------------------------------------------------------------------------------------


def _verified(text: str, changed: str, change: Callable[[Any], Any]) -> str:
    if _settled(load(changed)) != _settled(change(load(text))):
        raise BadChange("the file is written in a way that cannot be changed safely; change it by hand.")
    return changed


def _key(data: Any, name: str) -> Any:
    return next((key for key in data if str(key) == name), name)


def _set(data: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    own = dict(data or {})
    key = _key(own, path[0])
    return {**own, key: _set(own.get(key), path[1:], value)}


def _get(data: Any, path: Path) -> Any:
    for name in path:
        data = (data or {}).get(_key(data or {}, name))
    return data


def _unset(data: Any, path: Path) -> Any:
    parent = dict(_get(data, path[:-1]))
    del parent[_key(parent, path[-1])]
    return _set(data, path[:-1], parent)


def _append(data: Any, path: Path, value: Any) -> Any:
    there = _get(data, path)
    return _set(
        data, path, [*(there if isinstance(there, list) else [there] if there is not None else []), value]
    )


def _remove(data: Any, path: Path, value: str) -> Any:
    there = _get(data, path)
    items = there if isinstance(there, list) else [there]
    at = next(n for n, item in enumerate(items) if str(item) == value)
    return _set(data, path, [*items[:at], *items[at + 1 :]])


def _settled(data: Any) -> Any:
    """A list or a group of which nothing is left may be written as one, or as nothing."""
    if isinstance(data, dict):
        return {key: _settled(value) for key, value in data.items()} or None
    if isinstance(data, list):
        return [_settled(value) for value in data] or None
    return data
