// values.cjs: what all files share: the error, "no known end", headers, bodies and names in the forms of the addon.
// SPDX-License-Identifier: MIT
"use strict";
const native = require("./native.cjs");

/** "No known end", as nanoseconds: beside it the Date is null. */
const NEVER = 2n ** 63n - 1n;

/** What every call throws that could not decide. Wrong arguments are a TypeError or a RangeError. */
class TokenquotaError extends Error {
  constructor(code, message, errno) {
    super(message);
    this.code = code;
    if (errno) this.errno = errno;
  }
}
Object.defineProperty(TokenquotaError.prototype, "name", { value: "TokenquotaError", configurable: true, writable: true });
native.setErrorClass(TokenquotaError);

/** The number of a name in a list of names; what is not listed is a RangeError. */
function numberOf(list, name, what) {
  const number = list.indexOf(name);
  if (number < 0) throw new RangeError(`${what} must be one of ${list.filter(Boolean).join(", ")}; it is ${String(name)}`);
  return number;
}

function* pairsOf(headers) {
  const entries = typeof headers[Symbol.iterator] === "function" ? headers : Object.entries(headers);
  for (const [name, value] of entries)
    if (value !== undefined && value !== null)
      for (const one of Array.isArray(value) ? value : [value]) yield [String(name), String(one)];
}

/** Headers, a Map, pairs or an object, as the one string that the addon reads: name, NUL, value, NUL. */
function headerText(headers) {
  if (headers === undefined || headers === null) return undefined;
  let text = "";
  for (const [name, value] of pairsOf(headers)) text += `${name.replace(/\0/g, " ")}\0${value.replace(/\0/g, " ")}\0`;
  return text;
}

/** A body (a string, bytes, or a parsed document) as a Buffer. */
function bodyBytes(body) {
  if (body === undefined || body === null) return undefined;
  if (typeof body === "string") return Buffer.from(body);
  if (Buffer.isBuffer(body)) return body;
  if (ArrayBuffer.isView(body)) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (body instanceof ArrayBuffer || Object.prototype.toString.call(body) === "[object SharedArrayBuffer]")
    return Buffer.from(body);
  if (typeof body === "object") return Buffer.from(JSON.stringify(body));
  throw new TypeError("a body must be a string, bytes or a parsed document");
}

/** Makes `using` close an object, on a Node that knows it (18.18 and later). */
function disposable(type, close) {
  if (Symbol.dispose) Object.defineProperty(type.prototype, Symbol.dispose, { value: close, configurable: true, writable: true });
}

module.exports = { NEVER, TokenquotaError, numberOf, headerText, bodyBytes, disposable };
