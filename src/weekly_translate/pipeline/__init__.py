"""One issue: plan, run, render. Brings the pure layers and the world together."""

from weekly_translate.pipeline.job import Job
from weekly_translate.pipeline.translate import Forecast, Translation, drafts_in, forecast_of, translate

__all__ = ["Forecast", "Job", "Translation", "drafts_in", "forecast_of", "translate"]
