from core.doctor.checks import cloud, ground

__all__ = ["cloud", "ground"]
