import "./own-work";
import "./practice-grid";
