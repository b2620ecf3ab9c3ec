using System.Runtime.ExceptionServices;

namespace Basalt.Vectors.Clustering;

/// <summary>Cuts work into chunks whose bounds do not depend on the number of threads, so that neither do the results.</summary>
internal static class Chunks
{
    /// <summary>Calls <paramref name="body"/> with [from, to) for each chunk of <paramref name="count"/> items; the token is asked before each chunk.</summary>
    public static void Run(int count, int chunk, int threads, Action<int, int> body, CancellationToken cancellationToken)
    {
        var chunks = (int)(((long)count + chunk - 1) / chunk);
        if (threads == 1 || chunks == 1)
        {
            for (var i = 0; i < chunks; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                body(i * chunk, Math.Min(count, (i + 1) * chunk));
            }

            return;
        }

        try
        {
            Parallel.For(0, chunks, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken }, i => body(i * chunk, (int)Math.Min(count, (i + 1L) * chunk)));
        }
        catch (AggregateException failures)
        {
            // One thread would have thrown the first of them.
            ExceptionDispatchInfo.Throw(failures.InnerExceptions[0]);
        }
    }
}
