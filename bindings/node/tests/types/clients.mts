// clients.mts: a wrapped fetch is a fetch for the SDKs. It is compiled, never run.
// SPDX-License-Identifier: MIT
import Anthropic from "@anthropic-ai/sdk";
import { createOpenAI } from "@ai-sdk/openai";
import OpenAI from "openai";
import { Ledger, wrapFetch } from "tokenquota";

const openai = new Ledger(":memory:").provider("openai");

new OpenAI({ fetch: wrapFetch(openai) });
new Anthropic({ fetch: wrapFetch(openai, fetch, { refuse: "response" }) });
createOpenAI({ fetch: wrapFetch(openai, { refuse: "throw" }) });
