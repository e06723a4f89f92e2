/** Why a stack does not start or does not go on, for the person who started it. */
export class StackProblem extends Error {
  /** The last lines that the process in question wrote. */
  readonly lines: readonly string[];

  constructor(message: string, lines: readonly string[] = []) {
    super(message);
    this.name = 'StackProblem';
    this.lines = lines;
  }
}
