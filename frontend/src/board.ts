import "./live-progress";
