/** <dataset-upload project>: drop an archive and, if there is one, a manifest; then the import begins, or a look before it. */
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { csrfToken, type Problem } from "./api";
import { meter, shared } from "./shared";

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
      code { font-size: 12px; }
    `,
  ];

  @property({ type: Number }) project = 0;
  @state() private archive: File | null = null;
  @state() private manifest: File | null = null;
  @state() private over = false;
  @state() private share: number | null = null;
  @state() private trouble = "";
  @state() private name = "";

  override render(): TemplateResult {
    return html`<form @submit=${this.submit}>
      <label class="drop ${this.over ? "over" : ""}" @dragover=${this.drag} @dragleave=${() => (this.over = false)} @drop=${this.drop}>
        <input id="files" type="file" multiple accept=".zip,.tar,.gz,.tgz,.csv,.tsv,.jsonl,.ndjson,.json,.parquet" @change=${(event: Event) => this.take((event.target as HTMLInputElement).files)} />
        ${this.archive ? html`<b>${this.archive.name}</b>` : html`<b>Drop a zip or tar of images here, or click to choose it</b>`}
        ${this.manifest ? html`<b>${this.manifest.name}</b>` : html`<span class="small">With one folder a class, or with a manifest beside it: CSV, JSON Lines or Parquet with <code>image,label</code> and, for boxes, <code>x,y,width,height</code>; or COCO JSON</span>`}
      </label>
      <div class="cols">
        <label>Name<input id="name" required maxlength="200" .value=${this.name} @input=${(event: Event) => (this.name = (event.target as HTMLInputElement).value)} /></label>
        <label>Frames that belong together <input id="group_by" maxlength="200" placeholder="an optional column: video, track, patient" /></label>
      </div>
      ${this.trouble ? html`<p class="notice bad small" role="alert" id="upload-trouble">${this.trouble}</p>` : nothing}
      ${this.share === null ? html`<div class="row"><button class="primary" id="upload">Upload and import</button><button id="check" value="check">Only look first</button></div>`
        : html`<div role="status"><span class="small soft">${this.share < 1 ? `Uploading: ${Math.round(100 * this.share)} %` : "Uploaded. Storing it…"}</span>${meter(this.share, "Upload")}</div>`}</form>`;
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
      if (ARCHIVE.test(file.name)) this.archive = file;
      else if (MANIFEST.test(file.name)) this.manifest = file;
      else this.trouble = `${file.name} is neither an archive (zip, tar, tar.gz) nor a manifest (CSV, JSON Lines, Parquet, COCO JSON).`;
    }
    if (this.archive && !this.name) this.name = this.archive.name.replace(ARCHIVE, "");
  }

  private submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (!this.archive) return void (this.trouble = "Choose an archive of images first.");
    const form = new FormData();
    form.set("name", this.name);
    form.set("group_by", (this.renderRoot.querySelector("#group_by") as HTMLInputElement).value.trim());
    if ((event.submitter as HTMLButtonElement | null)?.value === "check") form.set("dry_run", "true");
    form.set("archive", this.archive);
    if (this.manifest) form.set("manifest", this.manifest);
    this.send(form);
  };

  /** By XMLHttpRequest, since fetch does not tell how far an upload is. */
  private send(form: FormData): void {
    const request = new XMLHttpRequest();
    this.trouble = "";
    this.share = 0;
    request.upload.onprogress = ({ loaded, total }) => (this.share = total ? loaded / total : 0);
    request.onload = () => this.answered(request);
    request.onerror = () => this.refuse("The upload broke off: the server does not answer. Your files are still chosen; try again.");
    request.open("POST", `/api/projects/${this.project}/datasets/`);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("Accept", "application/json");
    request.send(form);
  }

  private answered(request: XMLHttpRequest): void {
    const answer = parsed(request.responseText);
    if (request.status === 202) return location.assign(`/datasets/${answer.id}/`);
    const lines = Object.values(answer.errors ?? {}).flat();
    this.refuse(lines.join(" ") || answer.detail || (request.status === 413 ? "This is larger than the site takes." : `The server refused (${request.status}).`));
  }

  private refuse(text: string): void {
    this.share = null;
    this.trouble = text;
  }
}

function parsed(text: string): Problem & { id?: number } {
  try {
    return JSON.parse(text) as Problem & { id?: number };
  } catch {
    return {};
  }
}
