using System.Collections.Concurrent;
using Basalt.Vectors.Distances;

namespace Basalt.Vectors.Hnsw;

/// <summary>Walkers that nobody uses at the moment. As many come into being as threads ever walked at once.</summary>
internal sealed class WalkerPool(Func<Walker> make)
{
    private readonly ConcurrentQueue<Walker> _idle = new();

    /// <summary>Walkers by the kernel of a metric over an element type.</summary>
    public WalkerPool(Metric metric, ElementType elementType) : this(() => DistanceChoice.Use<Maker, Walker>(metric, elementType, default))
    {
    }

    public Walker Rent() => _idle.TryDequeue(out var walker) ? walker : make();

    public void Return(Walker walker) => _idle.Enqueue(walker);

    /// <summary>A walker for the kernel that it is given.</summary>
    public readonly struct Maker : IDistanceUser<Walker>
    {
        public Walker With<TDistance>() where TDistance : struct, IDistance => new WalkerOf<TDistance>();
    }
}
