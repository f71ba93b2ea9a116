/** <dataset-upload project roots>: drop an archive and, if there is one, a manifest, or name a folder below one of the roots
 *  that the site imports from; then the import begins, or a look before it. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { meter, shared } from "./shared";
import { upload } from "./upload";

const ARCHIVE = /\.(zip|tar|tar\.gz|tgz)$/i;
const MANIFEST = /\.(csv|tsv|jsonl|ndjson|json|parquet)$/i;

@customElement("dataset-upload")
export class DatasetUpload extends LitElement {
  static override styles = [
    shared,
    css`
      form { display: grid; gap: 12px; }
      .drop { display: grid; justify-items: center; gap: 6px; padding: 20px 12px; border: 1.5px dashed var(--line); border-radius: 10px; text-align: center; cursor: pointer; color: var(--soft); }
      .drop.over, .drop:focus-within { border-color: var(--accent); color: var(--ink); }
      .drop b { color: var(--ink); font-weight: 600; overflow-wrap: anywhere; }
      .drop input { position: absolute; opacity: 0; pointer-events: none; width: 1px; height: 1px; }
      .cols { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; }
      label { display: grid; gap: 3px; font-size: 12px; color: var(--soft); }
      code { font-size: 12px; } details .cols { margin-top: 8px; } .going { margin-bottom: 6px; min-height: 34px; }
    `,
  ];

  @property({ type: Number }) project = 0;
  /** Folders of the site, commas between them; empty: it imports from none. */
  @property() roots = "";
  @state() private archive: File | null = null;
  @state() private manifest: File | null = null;
  @state() private over = false;
  @state() private share: number | null = null;
  @state() private trouble = "";
  @state() private name = "";
  private cancel = new AbortController();

  override render(): TemplateResult {
    return html`<form @submit=${this.submit}>
      <label class="drop ${this.over ? "over" : ""}" @dragover=${this.drag} @dragleave=${() => (this.over = false)} @drop=${this.drop}>
        <input id="files" type="file" multiple accept=".zip,.tar,.gz,.tgz,.csv,.tsv,.jsonl,.ndjson,.json,.parquet" @change=${(event: Event) => this.take((event.target as HTMLInputElement).files)} />
        ${this.archive ? html`<b>${this.archive.name}</b>` : html`<b>Drop a zip or tar of images here, or click to choose it</b>`}
        ${this.manifest ? html`<b>${this.manifest.name}</b>` : html`<span class="small">With one folder a class, with YOLO, Pascal VOC or COCO annotations in it, or with a manifest: CSV, JSON Lines or Parquet of <code>image,label</code> and, for boxes, <code>x,y,width,height</code>. A manifest or COCO file may also be chosen beside it</span>`}
        ${this.archive && this.manifest && ARCHIVE.test(this.manifest.name) ? html`<span class="small" id="two-zips">The smaller one is taken for the annotations</span>` : nothing}
      </label>
      ${this.roots ? html`<label>Or a folder that is here already<input id="source" maxlength="1000" autocomplete="off" spellcheck="false" placeholder="below ${this.roots.split(",").join(" or ")}" @input=${this.named} /></label>` : nothing}
      <div class="cols">
        <label>Name<input id="name" required maxlength="200" .value=${this.name} @input=${(event: Event) => (this.name = (event.target as HTMLInputElement).value)} /></label>
        <label>Frames that belong together <input id="group_by" maxlength="200" placeholder="an optional column: video, track, patient" /></label>
      </div>
      <details><summary class="small">How objects are seen</summary>
        <div class="cols">
          <label>Crops, pixels a side<input id="crop_pixels" type="number" min="32" max="512" placeholder="128; more for fine detail" /></label>
          <label>16-bit black<input id="window_low" type="number" step="any" placeholder="found on a sample" /></label>
          <label>16-bit white<input id="window_high" type="number" step="any" placeholder="found on a sample" /></label>
        </div>
      </details>
      ${this.trouble ? html`<p class="notice bad small" role="alert" id="upload-trouble">${this.trouble}</p>` : nothing}
      ${this.share === null ? html`<div class="row"><button class="primary" id="upload">Upload and import</button><button id="check" value="check">Only look first</button></div>`
        : html`<div role="status"><div class="row going"><span class="small soft">${this.share < 1 ? `Uploading: ${Math.round(100 * this.share)} %` : "Uploaded. Storing it…"}</span><span class="grow"></span>${this.share < 1 ? html`<button type="button" id="cancel" @click=${() => this.cancel.abort()}>Cancel</button>` : nothing}</div>${meter(this.share, "Upload")}</div>`}</form>`;
  }

  private drag = (event: DragEvent): void => {
    event.preventDefault();
    this.over = true;
  };

  private drop = (event: DragEvent): void => {
    event.preventDefault();
    this.over = false;
    this.take(event.dataTransfer?.files ?? null);
  };

  private take(files: FileList | null): void {
    this.trouble = "";
    for (const file of files ?? []) {
      if (ARCHIVE.test(file.name)) this.takeArchive(file);
      else if (MANIFEST.test(file.name)) this.manifest = file;
      else this.trouble = `${file.name} is neither an archive (zip, tar, tar.gz) nor a manifest (CSV, JSON Lines, Parquet, COCO JSON).`;
    }
    if (this.archive && !this.name) this.name = this.archive.name.replace(ARCHIVE, "");
  }

  /** Of two zips the larger one holds the images, the other one their annotations. A third begins anew. */
  private takeArchive(file: File): void {
    const [one, other] = [this.archive, this.manifest];
    if (!one || other) [this.archive, this.manifest] = [file, other && ARCHIVE.test(other.name) ? null : other];
    else [this.archive, this.manifest] = file.size > one.size ? [file, one] : [one, file];
  }

  private named = (event: Event): void => {
    const last = (event.target as HTMLInputElement).value.split("/").filter(Boolean).at(-1);
    if (last && !this.archive) this.name = last;
  };

  private get folder(): string {
    return this.renderRoot.querySelector<HTMLInputElement>("#source")?.value.trim() ?? "";
  }

  private submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const { archive, folder } = this;
    if (!archive && !folder) return void (this.trouble ||= "Choose an archive of images first.");
    if (archive && folder) return void (this.trouble = "Choose an archive or name a folder, not both.");
    const form = new FormData();
    form.set("name", this.name);
    form.set("group_by", (this.renderRoot.querySelector("#group_by") as HTMLInputElement).value.trim());
    if ((event.submitter as HTMLButtonElement | null)?.value === "check") form.set("dry_run", "true");
    for (const name of ["crop_pixels", "window_low", "window_high"]) {
      const { value } = this.renderRoot.querySelector(`#${name}`) as HTMLInputElement;
      if (value) form.set(name, value);
    }
    if (archive) form.set("archive", archive);
    else form.set("source", folder);
    if (archive && this.manifest) form.set("manifest", this.manifest);
    void this.send(form);
  };

  private async send(form: FormData): Promise<void> {
    this.trouble = "";
    this.cancel = new AbortController();
    try {
      const { id } = await upload<{ id: number }>(`/api/projects/${this.project}/datasets/`, form, (share) => (this.share = share), this.cancel.signal);
      location.assign(`/datasets/${id}/`);
    } catch (error) {
      this.share = null;
      this.trouble = (error as Error).message;
    }
  }
}
