#!/usr/bin/env node
// Committed, so that the command is linked before the first build.
import { enableCompileCache } from "node:module";

enableCompileCache();
await import("../dist/main.js");
