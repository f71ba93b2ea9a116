/** What lists of a campaign share: the labels that they name, and that they look again when something has moved. */
import { property } from "lit/decorators.js";
import { watch } from "./live";
import { OfDataset } from "./of-dataset";

export abstract class OfCampaign extends OfDataset {
  @property({ type: Number }) campaign = 0;
  private stop = (): void => {};

  override connectedCallback(): void {
    super.connectedCallback();
    this.stop = watch(`/ws/campaigns/${this.campaign}/`, () => void this.look());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stop();
  }
}
