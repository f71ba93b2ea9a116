import "./check-up";
import "./live-progress";
