import { program } from "../libs/testkit/src/run-tests/program.ts";
import { runProgram } from "../libs/service/src/index.ts";

await runProgram(program);
