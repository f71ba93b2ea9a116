/** The printed report: its styles, and the button that prints it. */
import "./report.css";

class PrintButton extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener("click", () => print());
  }
}
customElements.define("print-button", PrintButton);
