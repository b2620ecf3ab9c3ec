namespace Basalt.Vectors.Ivf;

/// <summary>The progress of a part, told as progress of the whole.</summary>
internal sealed class PartProgress(IProgress<double> whole, double from, double to) : IProgress<double>
{
    public void Report(double value) => whole.Report(from + value * (to - from));
}
