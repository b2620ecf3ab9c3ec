using System.Collections.Concurrent;
using Basalt.Vectors.Distances;

namespace Basalt.Vectors.Hnsw;

/// <summary>Walkers that nobody uses at the moment. As many come into being as threads ever walked at once.</summary>
internal sealed class WalkerPool(Metric metric, ElementType elementType)
{
    private readonly ConcurrentQueue<Walker> _idle = new();

    public Walker Rent() => _idle.TryDequeue(out var walker) ? walker : DistanceChoice.Use<Maker, Walker>(metric, elementType, default);

    public void Return(Walker walker) => _idle.Enqueue(walker);

    private readonly struct Maker : IDistanceUser<Walker>
    {
        public Walker With<TDistance>() where TDistance : struct, IDistance => new WalkerOf<TDistance>();
    }
}
