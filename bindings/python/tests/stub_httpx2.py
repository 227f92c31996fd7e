"""stub_httpx2.py: as much of httpx2 as tokenquota.httpx touches, so that its logic is tested without a registry.

SPDX-License-Identifier: MIT

make peers runs the same door with the real libraries.
"""
import sys
import types


class Headers(dict):
    """Names are in lower case, and there once."""

    def __init__(self, given=()):
        super().__init__((name.lower(), value) for name, value in dict(given).items())

    def multi_items(self):
        return list(self.items())


class SyncByteStream:
    pass


class AsyncByteStream:
    pass


class ByteStream(SyncByteStream, AsyncByteStream):
    def __init__(self, data):
        self.data = data

    def __iter__(self):
        yield self.data

    async def __aiter__(self):
        yield self.data

    def close(self):
        pass

    async def aclose(self):
        pass


class BaseTransport:
    pass


class AsyncBaseTransport:
    pass


class Request:
    def __init__(self, method, url, headers=(), content=b"", extensions=None):
        self.method, self.url, self.headers, self.content = method, url, Headers(headers), content
        self.extensions = extensions or {}

    def read(self):
        return self.content

    async def aread(self):
        return self.content


class Response:
    def __init__(self, status_code, headers=(), content=b"", request=None, stream=None):
        self.status_code, self.headers = status_code, Headers(headers)
        self.stream = ByteStream(content) if stream is None else stream


def install():
    """Makes it what `import httpx2` gives."""
    module = types.ModuleType("httpx2")
    for name, value in list(globals().items()):
        if isinstance(value, type):
            value.__module__ = "httpx2"
            setattr(module, name, value)
    sys.modules["httpx2"] = module
    return module
