using Basalt.Schemas;

namespace Basalt.Engine.Writing;

/// <summary>Creates a collection; the answer is whether there was none.</summary>
internal sealed class CreateRequest(string name, Schema schema, CancellationToken cancellationToken) : Request<bool>(cancellationToken)
{
    private bool _isNew;

    protected override bool Result => _isNew;

    public override bool Stage(Stage stage)
    {
        _isNew = stage.Collection(name) is null;
        if (_isNew) stage.Create(name, schema);
        return true;
    }
}

/// <summary>Removes a collection; the answer is whether there was one.</summary>
internal sealed class DropRequest(string name, CancellationToken cancellationToken) : Request<bool>(cancellationToken)
{
    private bool _wasThere;

    protected override bool Result => _wasThere;

    public override bool Stage(Stage stage)
    {
        var collection = stage.Collection(name);
        _wasThere = collection is not null;
        if (collection is not null) stage.Drop(collection);
        return true;
    }
}
