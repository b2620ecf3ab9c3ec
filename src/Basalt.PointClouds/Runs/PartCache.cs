namespace Basalt.PointClouds.Runs;

/// <summary>Opened chunks and pages by record id, the least recently used given up first, within a number of bytes. Thread-safe.</summary>
internal sealed class PartCache(long mostBytes)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<Part>> _parts = new(StringComparer.Ordinal);
    private readonly LinkedList<Part> _order = [];

    private sealed record Part(string Id, object Content, long Bytes);

    /// <summary>What the parts take now.</summary>
    public long Bytes { get; private set; }

    public object? Find(string id)
    {
        lock (_gate)
        {
            if (!_parts.TryGetValue(id, out var node)) return null;
            _order.Remove(node);
            _order.AddFirst(node);
            return node.Value.Content;
        }
    }

    public void Add(string id, object content, long bytes)
    {
        if (bytes > mostBytes) return;
        lock (_gate)
        {
            if (_parts.ContainsKey(id)) return;
            _parts.Add(id, _order.AddFirst(new Part(id, content, bytes)));
            Bytes += bytes;
            while (Bytes > mostBytes)
            {
                var last = _order.Last!.Value;
                _order.RemoveLast();
                _parts.Remove(last.Id);
                Bytes -= last.Bytes;
            }
        }
    }
}
