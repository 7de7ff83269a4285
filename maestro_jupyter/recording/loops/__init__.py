"""Automatic runs of native training loops: xgboost, lightgbm, Keras, Lightning and Hugging Face.

Each library is seen without a callback of ours among the user's where it has a place of its own through
which every evaluation passes (a method that it looks up at each call); Lightning has none, and gets a
callback for the time of the training.
"""

from maestro_jupyter.recording.loops.capture import LoopCapture

__all__ = ["LoopCapture"]
