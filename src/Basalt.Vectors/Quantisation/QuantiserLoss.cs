namespace Basalt.Vectors.Quantisation;

/// <summary>What a quantiser costs, measured on vectors: distances by code against distances by full vector, in the metric's own unit.</summary>
/// <param name="MeanDistance">The mean absolute distance, to compare the errors with.</param>
/// <param name="MeanError">The mean absolute error of a distance.</param>
/// <param name="MaxError">The largest absolute error that was met.</param>
/// <param name="Recall">The share of the true nearest that is among as many nearest by code, without measuring again.</param>
/// <param name="RescoredRecall">The share of the true nearest that is among four times as many nearest by code: what measuring those again gives.</param>
public readonly record struct QuantiserLoss(double MeanDistance, double MeanError, double MaxError, double Recall, double RescoredRecall);
