/** Something that set-up can not do by itself. `advice` says, line by line, what the person at the keyboard can do. */
export class SetUpProblem extends Error {
  /**
   * @param {string} message
   * @param {readonly string[]} [advice]
   */
  constructor(message, advice = []) {
    super(message);
    this.name = 'SetUpProblem';
    this.advice = advice;
  }
}
