namespace Basalt.Schemas;

/// <summary>Where the making of a mapper is: for messages, and to refuse types that contain themselves.</summary>
internal sealed class CodecScope
{
    private readonly Stack<Type> _types = new();
    private string? _place;

    public void At(string place) => _place = place;

    public NotSupportedException Refuse(Type type, string why) =>
        new($"{_place ?? $"The type {Codec.Name(type)}"} cannot be mapped: {Codec.Name(type)} {why}.");

    public void Enter(Type type)
    {
        if (_types.Contains(type)) throw Refuse(type, "contains itself, so its fields would have no end");
        _types.Push(type);
    }

    public void Leave() => _types.Pop();
}
