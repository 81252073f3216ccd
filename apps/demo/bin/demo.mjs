#!/usr/bin/env node
import { runApp } from "../../../.config/run-app.mjs";

await runApp("demo");
