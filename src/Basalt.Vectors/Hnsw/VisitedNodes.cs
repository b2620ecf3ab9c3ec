using System.Runtime.CompilerServices;

namespace Basalt.Vectors.Hnsw;

/// <summary>Which nodes a walk has seen: a byte each that holds the number of the walk, so that all are forgotten at once and cleared only every 255 walks.</summary>
internal sealed unsafe class VisitedNodes
{
    private byte[] _memory = [];
    private byte _walk;

    /// <summary>Node by node the walk that saw it last; <see cref="Walk"/> marks this one.</summary>
    public byte* Marks { get; private set; }

    /// <summary>The mark of this walk.</summary>
    public byte Walk => _walk;

    /// <summary>Forgets all, for a graph of so many nodes.</summary>
    public void Begin(int nodes)
    {
        if (_memory.Length < nodes)
        {
            _memory = GC.AllocateArray<byte>(Math.Max(1024, (int)Math.Min(Array.MaxLength, nodes + (nodes / 4L))), pinned: true);
            Marks = (byte*)Unsafe.AsPointer(ref _memory[0]);
            _walk = 0;
        }

        if (++_walk != 0) return;
        _memory.AsSpan().Clear();
        _walk = 1;
    }

    /// <summary>Marks a node; false when it was.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Add(uint node)
    {
        if (Marks[node] == _walk) return false;
        Marks[node] = _walk;
        return true;
    }
}
