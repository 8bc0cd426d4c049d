import { runProgram } from "@ballast/service";
import { program } from "./program.ts";

void runProgram(program);
