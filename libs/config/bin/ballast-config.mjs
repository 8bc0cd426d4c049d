#!/usr/bin/env node
// Where `npx ballast-config` lands.
import "../src/main.ts";
