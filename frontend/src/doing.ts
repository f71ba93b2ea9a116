/** What somebody does on a page, one act at a time; what the server does not take is said. */
import type { ReactiveController, ReactiveControllerHost } from "lit";
import { refusal } from "./api";

export class Doing implements ReactiveController {
  busy = false;
  /** Why the last act was not done. */
  trouble = "";

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {}

  /** Say why something could not be done; nothing, where it could. */
  say(trouble: string): void {
    this.trouble = trouble;
    this.host.requestUpdate();
  }

  /** `not` begins the sentence that says why: "Not settled". Nothing is done while another act is. */
  async act(what: () => Promise<unknown>, not: string): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.say("");
    try {
      await what();
    } catch (error) {
      this.say(refusal(not, error));
    } finally {
      this.busy = false;
      this.host.requestUpdate();
    }
  }
}
