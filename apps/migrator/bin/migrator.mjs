#!/usr/bin/env node
// Where `npx migrator` lands. Not a line in main.ts: a bundle inside the sealed executable cannot begin with it.
import "../src/main.ts";
