using Basalt.Vectors;
using Basalt.Vectors.Ivf;

namespace Basalt.Tests.Vectors.Ivf;

public sealed class IvfLossTests
{
    [Theory]
    [MemberData(nameof(IvfPqIndexTests.Kinds), MemberType = typeof(IvfPqIndexTests))]
    public void The_loss_is_what_estimates_and_distances_differ_by(Metric metric, IvfCode code)
    {
        using var sample = new IvfSample(metric, code, count: 600);
        for (var i = 1; i < 600; i += 9) sample.Remove(i);
        var loss = sample.Index.MeasureLoss(12, 5, TestContext.Current.CancellationToken);
        using var codesAlone = new MappedIvf(sample.Bytes());
        var (errors, sum, hits, rescored, asked) = (new List<double>(), 0.0, 0, 0, 0);
        for (var q = 0; q < 12; q++)
        {
            var own = q * 600 / 12;
            if (sample.Index.IsRemoved(own)) continue;
            asked++;
            var query = new float[32];
            sample.Flat.Read(own, query);
            var exact = sample.Exact(query, 600, default).Where(n => n.Ordinal != own).ToArray();
            var estimated = IvfSample.Search(codesAlone.Index, query, 600, new SearchOptions { Effort = 32 }).Where(n => n.Ordinal != own).ToArray();
            Assert.Equal(exact.Length, estimated.Length);
            var byOrdinal = estimated.ToDictionary(static n => n.Ordinal, static n => n.Distance);
            errors.AddRange(exact.Select(n => Math.Abs((double)n.Distance - byOrdinal[n.Ordinal])));
            sum += exact.Sum(static n => Math.Abs((double)n.Distance));
            var truth = exact[..5].Select(static n => n.Ordinal).ToHashSet();
            hits += estimated[..5].Count(n => truth.Contains(n.Ordinal));
            rescored += estimated[..20].Count(n => truth.Contains(n.Ordinal));
        }

        Assert.Equal(errors.Average(), loss.MeanError, 1e-4 * (1 + loss.MeanDistance));
        Assert.Equal(errors.Max(), loss.MaxError, 1e-3 * (1 + loss.MeanDistance));
        Assert.Equal(sum / errors.Count, loss.MeanDistance, 1e-4 * (1 + loss.MeanDistance));
        Assert.Equal((hits / 5.0 / asked, rescored / 5.0 / asked), (loss.Recall, loss.RescoredRecall));
        Assert.True(loss.MeanError > 0 && loss.RescoredRecall >= loss.Recall);
        Assert.Throws<InvalidOperationException>(() => codesAlone.Index.MeasureLoss());
    }
}
