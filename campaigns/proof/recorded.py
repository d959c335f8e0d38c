"""Run a function on objects that record what is done with them: the oracle of the proof, which runs nothing.

Every name that a function does not define itself is such an object, builtins included. What they answer is
chance: two functions that behave the same have the same records for the same seed.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import random
import sys
import types
import warnings
from collections.abc import Iterable, Iterator, Sequence
from types import FrameType
from typing import Any

_MOST_EVENTS = 120
_MOST_ITEMS = 8
_MOST_LINES = 40_000
_RAISED = (ValueError, KeyError, TypeError, AttributeError, OSError, IndexError, RuntimeError)
_OPERATORS = """
    add sub mul matmul truediv floordiv mod pow lshift rshift and xor or radd rsub rmul rtruediv rfloordiv
    rmod rpow rlshift rrshift rand rxor ror iadd isub imul ifloordiv imod ilshift iand ixor ior neg pos invert
    lt le gt ge getitem enter
"""
_REAL = ("__build_class__", "__name__", "staticmethod", "classmethod")


_CONSUMERS = {
    "all", "any", "dict", "frozenset", "join", "list", "max", "min", "next", "set", "sorted", "sum", "tuple",
}  # fmt: skip


class CutError(BaseException):
    """The run was long enough."""


class World:
    """What chance decides in a run, and the record of it.

    Attributes:
        record: what was done, with which objects.
        opposites: whether ``!=`` is the opposite of ``==``.
    """

    def __init__(self, seed: str, *, opposites: bool) -> None:
        """Begin with an empty record."""
        self.record: list[object] = []
        self.opposites = opposites
        self._chance = random.Random(seed)
        self._raised: tuple[type[Exception], ...] = _RAISED
        self._number = 0
        self._kept: list[Any] = []

    def make(self) -> Any:
        """Return another object."""
        recorder = object.__new__(Recorder)
        return self.begin(recorder)

    def begin(self, recorder: Any) -> Any:
        """Let an object belong to this world, with the next number."""
        self._number += 1
        object.__setattr__(recorder, "_world", self)
        object.__setattr__(recorder, "_number", self._number)
        return recorder

    def meet(self, what: str, *values: object) -> None:
        """Record something, and sometimes raise an exception."""
        if len(self.record) >= _MOST_EVENTS:
            raise CutError
        self.record.append((what, *map(describe, values)))
        if self._chance.random() < 0.04:
            raise self.choose_exception()

    def receive(self, values: Iterable[object], *, is_used_up: bool) -> None:
        """Take functions and generators that are passed to something: they run now, or later."""
        for value in values:
            if isinstance(value, types.GeneratorType) and is_used_up:
                self.record.append(("items", [describe(item) for item in value]))
            elif isinstance(value, types.GeneratorType | types.FunctionType):
                self._kept.append(value)
            elif isinstance(value, list | tuple):
                self.receive(value, is_used_up=False)
        if self._kept and self.draw(2):
            self._use(self._kept[self.draw(len(self._kept))])

    def finish(self) -> None:
        """Run everything that was kept once more."""
        for value in self._kept[-10:]:
            self._use(value)

    def _use(self, value: Any) -> None:
        if isinstance(value, types.GeneratorType):
            result = None if value.gi_running else next(value, None)
        else:
            result = value(*(self.make() for _ in range(value.__code__.co_argcount)))
        self.record.append(("used", describe(result)))

    def drive(self, generator: types.GeneratorType[Any, Any, Any]) -> object:
        """Return what a generator gives: it is sent values, exceptions are raised in it, and it is closed."""
        self._raised = *_RAISED, *[StopIteration] * len(_RAISED)
        given: list[object] = []
        try:
            while len(given) < _MOST_ITEMS:
                given.append(describe(self._resume(generator, has_begun=bool(given))))
            generator.close()
        except StopIteration as end:
            given += "returns", describe(end.value)
        except GeneratorExit:
            given.append("exits")
        return given

    def _resume(self, generator: types.GeneratorType[Any, Any, Any], *, has_begun: bool) -> object:
        choice = self.draw(8) if has_begun else 0
        if choice == 1:
            return generator.throw(self.choose_exception())
        if choice == 2 and self.draw(2):
            return generator.throw(GeneratorExit())
        return generator.send(self.make() if choice > 4 else None)

    def choose_exception(self) -> Exception:
        """Return an exception to raise."""
        return self._chance.choice(self._raised)(len(self.record))

    def draw(self, most: int) -> int:
        """Return a number below a limit."""
        return self._chance.randrange(most)


class Recorder:
    """An object that can do everything."""

    _world: World
    _number: int
    _name = ""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _name(self._do("attribute", name), name)

    def __setattr__(self, name: str, value: object) -> None:
        self._world.meet("set attribute", self, name, value)

    def __delattr__(self, name: str) -> None:
        self._world.meet("delete attribute", self, name)

    def __setitem__(self, key: object, value: object) -> None:
        self._world.meet("set item", self, key, value)

    def __delitem__(self, key: object) -> None:
        self._world.meet("delete item", self, key)

    def __bool__(self) -> bool:
        self._world.meet("truth", self)
        return bool(self._world.draw(2))

    def __contains__(self, item: object) -> bool:
        self._world.meet("contains", self, item)
        return bool(self._world.draw(2))

    def __eq__(self, other: object) -> Any:
        self._world.meet("equal", self, other)
        return bool(self._world.draw(2))

    def __ne__(self, other: object) -> Any:
        if self._world.opposites:
            return not self == other
        self._world.meet("unequal", self, other)
        return bool(self._world.draw(2))

    def __hash__(self) -> int:
        return self._number

    def __len__(self) -> int:
        self._world.meet("length", self)
        return self._world.draw(4)

    def __index__(self) -> int:
        self._world.meet("index", self)
        return self._world.draw(4)

    def __str__(self) -> str:
        self._world.meet("text", self)
        return f"<{self._number}>"

    __repr__ = __str__

    def __format__(self, form: str) -> str:
        return f"{self!s}{form}"

    def __call__(self, *values: object, **named: object) -> Any:
        result = self._do("call", *values, *named.items())
        self._world.receive([*values, *named.values()], is_used_up=self._name in _CONSUMERS)
        return result

    def __iter__(self) -> Iterator[Any]:
        self._world.meet("iterate", self)
        return self._give_items()

    def _give_items(self) -> Iterator[Any]:
        for _ in range(self._world.draw(4)):
            self._world.meet("next", self)
            yield self._world.make()

    def __aiter__(self) -> Any:
        self._world.meet("iterate", self)
        return self._give_items_later()

    async def _give_items_later(self) -> Any:
        for _ in range(self._world.draw(4)):
            await self
            yield self._world.make()

    def __await__(self) -> Any:
        for _ in range(self._world.draw(3)):
            self._world.meet("wait", self)
            yield None
        return self._world.make()

    def __exit__(self, kind: Any, *rest: object) -> bool:
        self._world.meet("exit", self, kind)
        return bool(self._world.draw(2)) and kind not in (CutError, GeneratorExit)

    def __aexit__(self, kind: Any, *rest: object) -> Any:
        return self._leave(kind)

    async def _leave(self, kind: Any) -> bool:
        await self
        return self.__exit__(kind)

    def _do(self, what: str, *values: object) -> Any:
        self._world.meet(what, self, *values)
        return self._world.make()


def _name(recorder: Recorder, name: str) -> Recorder:
    object.__setattr__(recorder, "_name", name)
    return recorder


def _define(operator: str) -> Any:
    def operate(self: Recorder, *values: object, **named: object) -> Any:
        return self._do(operator, *values, *named.items())

    return operate


for _operator in _OPERATORS.split():
    setattr(Recorder, f"__{_operator}__", _define(_operator))


async def _enter(self: Recorder) -> Any:
    return await self


Recorder.__aenter__ = _enter  # type: ignore[attr-defined]


class _Names(dict[str, Any]):
    """Builtins in which every name is there."""

    def __init__(self, world: World) -> None:
        super().__init__({name: getattr(builtins, name) for name in _REAL})
        self["__import__"] = self._import
        self._world = world

    def _import(self, name: str, *_: object) -> Any:
        return self[f"import {name}"]

    def __missing__(self, name: str) -> Any:
        found = getattr(builtins, name, None)
        if not (isinstance(found, type) and issubclass(found, Exception | GeneratorExit)):
            self._world.record.append(("name", name))
            found = _name(self._world.make(), name)
        self[name] = found
        return found


def describe(value: object, depth: int = 3) -> object:
    """Return what identifies a value in a record."""
    if isinstance(value, Recorder):
        return "object", value._number
    if isinstance(value, int | str | bytes | float | complex | None):
        return type(value).__name__, repr(value)
    if isinstance(value, tuple | list | set | frozenset | dict) and depth:
        return type(value).__name__, _describe_items(value, depth - 1)
    return value.__name__ if isinstance(value, type) else type(value).__name__


def _describe_items(value: Any, depth: int) -> object:
    if isinstance(value, dict):
        return [(describe(key, depth), describe(item, depth)) for key, item in value.items()]
    described = [describe(item, depth) for item in value]
    return described if isinstance(value, tuple | list) else sorted(described, key=repr)


def run(module: ast.Module, path: Sequence[str], seed: str, *, opposites: bool) -> object:
    """Return the record of a run of a function or a method, and how it ended; ``None`` if it took too long.

    Args:
        module: definitions alone.
        path: names of the class, if any, and of the function.
        seed: where chance begins.
        opposites: whether ``!=`` is the opposite of ``==``.
    """
    world = World(seed, opposites=opposites)
    names: dict[str, Any] = {"__builtins__": _Names(world), "__name__": "module"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code = compile(module, "<run>", "exec", dont_inherit=True)
        before, lines = sys.gettrace(), _Lines()
        sys.settrace(lines)
        try:
            exec(code, names)
            end = "returns", describe(_call(world, names, path))
            world.finish()
        except (Exception, CutError) as error:
            end = "raises", type(error).__name__
        finally:
            sys.settrace(before)
    return None if lines.is_over else (world.record, end)


def _call(world: World, names: dict[str, Any], path: Sequence[str]) -> object:
    owner, first = None, []
    function = names[path[0]]
    if len(path) > 1:
        owner = function
        function = owner.__dict__[path[-1]]
        kind = types.new_class("Own", (owner, Recorder))
        first = _find_receiver(world, kind, function)
        function = getattr(function, "__func__", function)
    arguments = [*first, *(world.make() for _ in range(function.__code__.co_argcount - len(first)))]
    named = {name: world.make() for name in inspect.getfullargspec(function).kwonlyargs}
    return _exhaust(world, function(*arguments, **named))


def _find_receiver(world: World, kind: type, function: Any) -> list[object]:
    """Return the object or the class on which a method is called.

    There is none for a static method, nor for a function that only its class can call, in its body.
    """
    if isinstance(function, classmethod):
        return [kind]
    is_method = inspect.isfunction(function) and "self" in function.__code__.co_varnames[:1]
    return [world.begin(object.__new__(kind))] if is_method else []


def _exhaust(world: World, result: Any) -> object:
    """Return the result of a function, of a coroutine, or what a generator gives."""
    if inspect.iscoroutine(result):
        return _wait(result)
    if inspect.isgenerator(result):
        return world.drive(result)
    if inspect.isasyncgen(result):
        return [_wait(_next(result)) for _ in range(3)]
    return result


async def _next(generator: Any) -> object:
    return await anext(generator)


def _wait(coroutine: Any) -> object:
    try:
        while True:
            coroutine.send(None)
    except StopIteration as end:
        return end.value
    finally:
        coroutine.close()


class _Lines:
    """Ends a run that takes too many lines."""

    def __init__(self) -> None:
        self._lines = 0

    @property
    def is_over(self) -> bool:
        return self._lines > _MOST_LINES

    def __call__(self, frame: FrameType, event: str, _: object) -> Any:
        self._lines += 1
        if self.is_over:
            raise CutError
        return self
