/** What lists of a campaign share: the labels that they name, and that they look again when something has moved. */
import { LitElement } from "lit";
import { property, state } from "lit/decorators.js";
import { labelsOf, type Label } from "./api";
import { watch } from "./live";

export abstract class OfCampaign extends LitElement {
  @property({ type: Number }) campaign = 0;
  @property({ type: Number, attribute: "dataset" }) of = 0;
  @state() protected labels: ReadonlyMap<string, Label> = new Map();
  private stop = (): void => {};

  /** Fetch what the list shows. */
  protected abstract look(): Promise<void>;

  override connectedCallback(): void {
    super.connectedCallback();
    void labelsOf(this.of).then((labels) => (this.labels = labels), () => undefined);
    void this.look();
    this.stop = watch(`/ws/campaigns/${this.campaign}/`, () => void this.look());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
  }
}
