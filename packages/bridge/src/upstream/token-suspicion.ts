import type { Rule } from "./rules.js";

/**
 * Suspects the topic or the environment instead of the device tokens when upstream refuses every one of them: senders
 * delete a device token that gets status code 8.
 */
export class TokenSuspicion {
  #refused = 0;
  #cleared = false;

  /** Whether refusals are held back, going by `suspectAfter`. */
  isActive(suspectAfter: number): boolean {
    return !this.#cleared && this.#refused > suspectAfter;
  }

  /** Topic and environment are right for certain: upstream knew a device token. */
  clear(): void {
    this.#cleared = true;
  }

  /** Topic or environment may be others now. */
  restart(): void {
    this.#cleared = false;
    this.#refused = 0;
  }

  /**
   * The rule to follow: `"hold"` instead of a status code 8 that is suspicious.
   * @param suspectAfter refusals that are believed; 0 believes all
   */
  review(rule: Rule, suspectAfter: number): Rule {
    const blamesToken = typeof rule === "object" && "refuse" in rule && rule.refuse === 8;
    if (!blamesToken || this.#cleared || suspectAfter === 0) return rule;
    return this.#refused++ < suspectAfter ? rule : "hold";
  }
}
