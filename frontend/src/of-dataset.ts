/** What pages of a dataset share: its labels, and what they show, both fetched once the page is there. */
import { LitElement } from "lit";
import { property, state } from "lit/decorators.js";
import { labelsOf, type Label } from "./api";

export abstract class OfDataset extends LitElement {
  @property({ type: Number, attribute: "dataset" }) of = 0;
  @state() protected labels: ReadonlyMap<string, Label> = new Map();

  /** Fetch what is shown. */
  protected abstract look(): Promise<void>;

  override connectedCallback(): void {
    super.connectedCallback();
    void labelsOf(this.of).then((labels) => (this.labels = labels), () => undefined);
    void this.look();
  }
}
