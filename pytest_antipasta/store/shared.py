"""A store shared between machines: sealed records in Redis, behind the local store.

No call waits longer than the caller says. Every request runs in its own thread, as there is no common time
limit for name lookup, handshake and a slow answer.
"""

from __future__ import annotations

import hmac
import os
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent import futures
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from pytest_antipasta.logs.spans import Attributes, record_step
from pytest_antipasta.runtime.background import in_background
from pytest_antipasta.runtime.imports import trusted_first
from pytest_antipasta.store.protocol import EntryError, StoreError
from pytest_antipasta.store.records import KEY_SIZE, decode_record, only_bytes, seal, unseal
from pytest_antipasta.store.shared_address import SharedAddress

if TYPE_CHECKING:
    from redis import Redis

CONNECT_SECONDS = 0.25
"""Maximum seconds for a connection."""
LARGEST = 1_000_000
"""Maximum bytes of a record; larger ones are neither written nor accepted."""
_CLOSE_SECONDS = 0.05
# Seconds for reading this machine's certificates, which does not depend on the server. redis-py itself gives
# up after a quarter of a second without an answer.
_TLS_SECONDS = 1.0
_DIGEST_SIZE = 32
_Answer = TypeVar("_Answer")
# Messages by the names of redis-py's errors. The server's own text is never shown, as it may repeat a
# password.
_REASONS = {
    "AuthenticationError": "the user name or the password is missing or wrong",
    "AuthenticationWrongNumberOfArgsError": "the user name or the password is missing or wrong",
    "BusyLoadingError": "it is starting",
    "NoPermissionError": "the server does not permit this for this user",
    "OutOfMemoryError": "it is full",
    "ReadOnlyError": "the server is a read-only replica",
    "ResponseError": "the server returned an error; check the number of the database in the address",
}


class SharedStore:
    """Records in Redis, by their keys in the local store.

    Attributes:
        bad: number of values read that have an invalid seal.
    """

    def __init__(self, address: SharedAddress) -> None:
        """Connect, within a quarter of a second.

        Raises:
            StoreError: the connection fails.
        """
        self._address = address
        self.bad = 0
        # Another seal key has other names, so that records with different seals never meet.
        sealed_by = hmac.digest(address.key, b"name", "sha256")[:4].hex() + ":" if address.key else ""
        self._prefix = f"antipasta:{sealed_by}".encode()
        # Looking up a host in a thread would import this, possibly from the checked project.
        with trusted_first(is_alone=True):
            import encodings.idna  # noqa: F401
        if isinstance(address.place, str) and not hasattr(socket, "AF_UNIX"):
            raise StoreError("this Python does not support Unix sockets")
        began = time.perf_counter()
        # Done first, as importing redis-py takes longer than anyone should wait for an unreachable server.
        self._within("reach", CONNECT_SECONDS, self._reach)
        spent = time.perf_counter() - began
        tls_seconds = _TLS_SECONDS if address.url.startswith("rediss:") else 0.0
        self._client = self._make_client()
        try:
            self._within("connect", CONNECT_SECONDS + tls_seconds, self._client.ping, spent)
        except StoreError:
            self.close()
            raise

    def get_many(self, keys: Sequence[bytes], seconds: float) -> dict[bytes, bytes]:
        """Return the records of the keys that have one.

        Raises:
            StoreError: the records do not arrive in time.
        """
        names = [self._name(key) for key in keys]
        values: object = self._within("read", seconds, lambda: self._client.mget(names))
        if not isinstance(values, list) or len(values) != len(names):
            raise StoreError("unexpected reply")
        found = {}
        for key, name, value in zip(keys, names, values, strict=True):
            if value is not None:
                try:
                    found[key] = self._unseal(name, value)
                    decode_record(found[key])
                except EntryError:
                    found.pop(key, None)
                    self.bad += 1
        return found

    def put_many(self, records: Mapping[bytes, bytes], seconds: float) -> None:
        """Write records, in batches, with the lifetime of the address.

        Raises:
            StoreError: not all records could be written in time.
        """
        pipeline = self._client.pipeline(transaction=False)
        for key, record in records.items():
            if len(record) <= LARGEST:
                name = self._name(key)
                pipeline.set(name, self._seal(name, record), ex=self._address.seconds)
        self._within("write", seconds, pipeline.execute)

    def close(self) -> None:
        """Close the connection, and drop outstanding answers."""
        # A thread that waits for an answer may hold a lock on it.
        with suppress(StoreError):
            self._within("close", _CLOSE_SECONDS, self._client.connection_pool.disconnect)

    def _name(self, key: bytes) -> bytes:
        digest, fingerprint = key[: KEY_SIZE - 8], key[KEY_SIZE - 8 :]
        return self._prefix + fingerprint.hex().encode() + b":" + digest.hex().encode()

    def _seal(self, name: bytes, record: bytes) -> bytes:
        if not self._address.key:
            return seal(name, record)
        return hmac.digest(self._address.key, name + record, "sha256") + record

    def _unseal(self, name: bytes, value: object) -> bytes:
        value = only_bytes(value)
        if len(value) > LARGEST + _DIGEST_SIZE:
            raise EntryError("too large for a record")
        if not self._address.key:
            return unseal(name, value)
        record = value[_DIGEST_SIZE:]
        if not hmac.compare_digest(value, self._seal(name, record)):
            raise EntryError("signed with a different key")
        return record

    def _reach(self) -> None:
        """Check whether the server is reachable."""
        place = self._address.place
        if isinstance(place, tuple):
            socket.create_connection(place, CONNECT_SECONDS).close()
            return
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(CONNECT_SECONDS)
            connection.connect(place)

    def _make_client(self) -> Redis:
        try:
            # redis-py imports optional packages such as hiredis and numpy: never from the checked project.
            with trusted_first(is_alone=True):
                from redis import Redis
                from redis.backoff import NoBackoff
                from redis.retry import Retry
        except ImportError:
            raise StoreError(
                "redis-py is not installed; run `pip install redis` in pytest-antipasta's environment"
            ) from None
        options: dict[str, Any] = {"password": self._address.password} if self._address.password else {}
        try:
            return Redis.from_url(
                self._address.url,
                protocol=2,  # the third attempt needs one more message
                socket_connect_timeout=CONNECT_SECONDS,
                socket_timeout=CONNECT_SECONDS,
                retry=Retry(NoBackoff(), 0),
                **options,
            )
        except (ValueError, TypeError) as error:
            raise StoreError(_explain(error)) from None

    def _within(self, name: str, seconds: float, ask: Callable[[], _Answer], spent: float = 0.0) -> _Answer:
        """Return an answer, and record its duration under a name.

        Raises:
            StoreError: the rest of the time is over without an answer, or the answer is an error.
        """
        began = time.perf_counter()
        try:
            answer = in_background(ask)
            error = answer.exception(max(seconds - spent, 0.01))
        except futures.TimeoutError:
            raise StoreError(f"no answer within {1000 * seconds:.0f} ms") from None
        except RuntimeError as failure:
            raise StoreError(str(failure)) from None  # too many threads
        finally:
            known: Attributes = {"db.system.name": "redis", "db.operation.name": name}
            record_step(f"store {name}", began, known)
        if error is not None:
            raise StoreError(_explain(error)) from None
        return answer.result()


def _explain(error: BaseException) -> str:
    """Return why the server failed, in our words or those of the operating system."""
    if known := _REASONS.get(type(error).__name__):
        return known
    if isinstance(error, (ValueError, TypeError)):
        return "the address has options that redis-py does not support"
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, OSError):
        cause = cause.__cause__ or cause.__context__
    if cause is None:
        return f"the server closed the connection or returned an error ({type(error).__name__})"
    return _explain_system(cause)


def _explain_system(error: OSError) -> str:
    if type(error).__module__ == "ssl":
        return f"TLS failed ({getattr(error, 'reason', None) or type(error).__name__})"
    if isinstance(error, TimeoutError) or error.errno is None:
        return f"no answer within {1000 * CONNECT_SECONDS:.0f} ms"
    return error.strerror or os.strerror(error.errno)
