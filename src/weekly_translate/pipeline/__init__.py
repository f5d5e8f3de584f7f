"""From issues to their translations: plan, run, render. Brings the pure layers and the world together."""

from weekly_translate.pipeline.forecasts import Forecast, forecast_of
from weekly_translate.pipeline.job import Job
from weekly_translate.pipeline.translate import Translation, drafts_in, translate

__all__ = ["Forecast", "Job", "Translation", "drafts_in", "forecast_of", "translate"]
